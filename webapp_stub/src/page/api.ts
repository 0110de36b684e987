// The sandbox's REST API, as the chat page uses it.

export class ApiError extends Error {
    constructor(readonly status: number, readonly id: string, message: string) {
        super(message);
    }
}

function cookie(name: string): string {
    const found = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`));
    return found ? found.slice(name.length + 1) : '';
}

export async function api<T = any>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = {'X-Requested-With': 'XMLHttpRequest', 'X-CSRF-Token': cookie('MMCSRF')};
    if (body !== undefined) {
        headers['Content-Type'] = 'application/json';
    }
    const answer = await fetch(`/api/v4${path}`, {
        method, headers, credentials: 'same-origin', body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const parsed = text ? JSON.parse(text) : {};
    if (!answer.ok) {
        throw new ApiError(answer.status, parsed.id || '', parsed.message || `The server answered ${answer.status}.`);
    }
    return parsed;
}
