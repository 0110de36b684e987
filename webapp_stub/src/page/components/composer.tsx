import React from 'react';
import {useSelector} from 'react-redux';

import {problem, send} from '../actions';
import {api} from '../api';
import {Channel, State} from '../types';

interface Suggestion {Complete: string; Suggestion: string; Hint: string; Description: string}

function intoView(item: HTMLElement | null): void {
    if (item) {
        item.scrollIntoView({block: 'nearest'});
    }
}

export function Composer({channel}: {channel: Channel}) {
    const teamId = useSelector((state: State) => state.entities.teams.currentTeamId);
    const [text, setText] = React.useState('');
    const [found, setFound] = React.useState<Suggestion[]>([]);
    const [chosen, setChosen] = React.useState(0);
    const input = React.useRef<HTMLTextAreaElement>(null);
    React.useEffect(() => {
        let current = true;
        if (!text.startsWith('/') || text.includes('\n')) {
            setFound([]);
            return undefined;
        }
        api<Suggestion[]>('GET', `/teams/${teamId}/commands/autocomplete_suggestions?channel_id=${channel.id}&user_input=${encodeURIComponent(text)}`).
            then((suggestions) => {
                if (current) {
                    setFound(suggestions.filter((suggestion) => `/${suggestion.Complete}` !== text.trim()));
                    setChosen(0);
                }
            }).catch(() => current && setFound([]));
        return () => {
            current = false;
        };
    }, [text, teamId, channel.id]);
    React.useEffect(() => {
        if (window.matchMedia('(min-width: 800px)').matches && input.current) {
            input.current.focus();
        }
    }, [channel.id]);
    function complete(suggestion: Suggestion) {
        setText(`/${suggestion.Complete} `);
        if (input.current) {
            input.current.focus();
        }
    }
    async function submit() {
        const sent = text.trim();
        if (!sent) {
            return;
        }
        setText('');
        setFound([]);
        try {
            await send(sent, channel.id);
        } catch (error) {
            setText(sent); // what was typed is not lost
            problem(error);
        }
    }
    function pressed(event: React.KeyboardEvent) {
        if (found.length && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
            event.preventDefault();
            setChosen((chosen + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length);
        } else if (found.length && event.key === 'Tab') {
            event.preventDefault();
            complete(found[chosen]);
        } else if (event.key === 'Escape') {
            setFound([]);
        } else if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            submit();
        }
    }
    return (
        <div className='composer'>
            {found.length > 0 && (
                <ul className='suggestions' role='listbox' aria-label='Commands'>
                    {found.map((suggestion, place) => (
                        <li key={suggestion.Complete} role='option' aria-selected={place === chosen} className={place === chosen ? 'chosen' : ''} ref={place === chosen ? intoView : undefined} onMouseDown={(event) => {
                            event.preventDefault();
                            complete(suggestion);
                        }}>
                            <strong>/{suggestion.Complete}</strong> <span>{suggestion.Hint}</span>
                            <small>{suggestion.Description}</small>
                        </li>
                    ))}
                </ul>
            )}
            <textarea
                ref={input}
                rows={Math.min(8, text.split('\n').length)}
                value={text}
                placeholder={`Write to ${channel.display_name || 'them'}`}
                aria-label='Message'
                onChange={(event) => setText(event.target.value)}
                onKeyDown={pressed}
            />
            <button className='send' aria-label='Send' disabled={!text.trim()} onClick={submit}>➤</button>
        </div>
    );
}
