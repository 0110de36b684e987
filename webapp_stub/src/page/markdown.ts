// Markdown -> safe HTML: raw HTML is never passed through. @names and ~channels are marked.

import MarkdownIt from 'markdown-it';

const markdown = new MarkdownIt({html: false, linkify: true, breaks: true});
const plainLink = markdown.renderer.rules.link_open || ((tokens, index, options, _env, self) => self.renderToken(tokens, index, options));

markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
    tokens[index].attrSet('rel', 'noopener noreferrer');
    return plainLink(tokens, index, options, env, self);
};
// A picture in a message would tell its server who reads it; it is shown as a link.
markdown.renderer.rules.image = (tokens, index) => {
    const source = markdown.utils.escapeHtml(String(tokens[index].attrGet('src') || ''));
    return `<a href="${source}" rel="noopener noreferrer">${markdown.utils.escapeHtml(tokens[index].content || source)}</a>`;
};

const SIGNS = /(^|[\s(*_:>])([@~][a-z0-9][a-z0-9._-]*[a-z0-9]|[@~][a-z0-9])/g;

markdown.core.ruler.push('signs', (state) => {
    for (const block of state.tokens) {
        if (!block.children) {
            continue;
        }
        block.children = block.children.reduce((all: any[], token) => {
            if (token.type !== 'text' || !(/[@~]/).test(token.content)) {
                return [...all, token];
            }
            const html = new state.Token('html_inline', '', 0);
            html.content = markdown.utils.escapeHtml(token.content).replace(SIGNS, (_, before: string, sign: string) => (
                sign.startsWith('@')
                    ? `${before}<span class="mention">${sign}</span>`
                    : `${before}<a class="channel-link" data-channel="${sign.slice(1)}" href="#">${sign}</a>`
            ));
            return [...all, html];
        }, []);
    }
});

export function formatText(text: string): string {
    return markdown.render(text || '');
}
