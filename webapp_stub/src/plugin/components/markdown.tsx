import React from 'react';

// Mattermost renders Markdown for plugins; what comes back is already safe to show.
export function Markdown(props: {text: string}) {
    const utils = (window as any).PostUtils;
    if (!utils) {
        return <span>{props.text}</span>;
    }
    return <span>{utils.messageHtmlToComponent(utils.formatText(props.text, {mentionHighlight: false}), true)}</span>;
}
