/* What Mattermost starts: the bundled program, by the bundled dynamic loader, with the bundled C library.
 *
 * Linked statically, so that it runs on any x86-64 Linux, with whichever C library or with none: the plugin needs
 * nothing of the machine but its kernel. It becomes the program (exec), so that the process that Mattermost kills is
 * the plugin itself. The folder is found from /proc/self/exe; Mattermost may have unpacked it anywhere.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM (PATH_MAX + 64)

int main(int argc, char **argv) {
    static char here[PATH_MAX], loader[ROOM], libraries[ROOM], program[ROOM];
    ssize_t length = readlink("/proc/self/exe", here, sizeof here - 1);
    if (length < 0) {
        perror("incident-response: /proc/self/exe");
        return 127;
    }
    *strrchr(here, '/') = 0;
    snprintf(loader, sizeof loader, "%s/python/_internal/ld-linux-x86-64.so.2", here);
    snprintf(libraries, sizeof libraries, "%s/python/_internal", here);
    snprintf(program, sizeof program, "%s/python/incident-response", here);

    char *before[] = {loader, "--inhibit-cache", "--library-path", libraries, program};
    size_t fixed = sizeof before / sizeof *before;
    char **all = calloc(fixed + argc + 1, sizeof *all);
    if (!all) {
        perror("incident-response");
        return 127;
    }
    memcpy(all, before, sizeof before);
    for (int i = 1; i < argc; i++) all[fixed + i - 1] = argv[i];
    execv(loader, all);
    perror("incident-response: the bundle is not complete");
    return 127;
}
