import React from 'react';
import {useSelector} from 'react-redux';

import {act, problem} from '../actions';
import {formatText} from '../markdown';
import {registered} from '../plugins';
import {Post, State} from '../types';
import {Avatar} from './avatar';

export function PostView({post, follows, highlighted}: {post: Post; follows: boolean; highlighted: boolean}) {
    const author = useSelector((state: State) => state.entities.users.profiles[post.user_id]);
    const time = new Date(post.create_at).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'});
    const ephemeral = post.type === 'system_ephemeral';
    const system = post.type.startsWith('system_') && !ephemeral;
    const name = author ? author.username : '…';
    return (
        <article
            id={`post-${post.id}`}
            className={`post ${system ? 'system' : ''} ${ephemeral ? 'ephemeral' : ''} ${follows ? 'follows' : ''} ${highlighted ? 'highlighted' : ''}`}
        >
            <div className='gutter'>{follows ? <time>{time}</time> : <Avatar name={system ? 'system' : name} bot={Boolean(author && author.is_bot && !system)}/>}</div>
            <div className='content'>
                {!follows && (
                    <header>
                        <strong>{system ? 'System' : name}</strong>
                        {author && author.is_bot && !system && <span className='tag'>BOT</span>}
                        <time>{time}</time>
                        {ephemeral && <em>(Only visible to you)</em>}
                    </header>
                )}
                <div className='markdown' dangerouslySetInnerHTML={{__html: formatText(post.message)}}/>
                {post.edit_at > 0 && <span className='edited'>(edited)</span>}
                {(post.props.attachments || []).map((attachment: any, place: number) => <Attachment key={place} post={post} attachment={attachment}/>)}
                {(post.metadata.files || []).map((file) => <a key={file.id} className='file' href={`/api/v4/files/${file.id}`} download={file.name}>{file.name}</a>)}
            </div>
            {!system && !ephemeral && <PostMenu post={post}/>}
        </article>
    );
}

function PostMenu({post}: {post: Post}) {
    const [open, setOpen] = React.useState(false);
    const team = useSelector((state: State) => state.entities.teams.teams[state.entities.teams.currentTeamId]);
    if (!registered.postActions.length) {
        return null;
    }
    return (
        <div className={`post-menu ${open ? 'open' : ''}`} onMouseLeave={() => setOpen(false)}>
            <button className='icon' aria-label='More actions' aria-haspopup='menu' onClick={() => setOpen(!open)}>⋯</button>
            {open && (
                <ul role='menu'>
                    {registered.postActions.map((action, place) => (
                        <li key={place}><button role='menuitem' onClick={() => {
                            setOpen(false);
                            action.action(post.id);
                        }}>{action.text}</button></li>
                    ))}
                    <li><button role='menuitem' onClick={() => {
                        setOpen(false);
                        navigator.clipboard.writeText(`${window.location.origin}/${team.name}/pl/${post.id}`).catch(problem);
                    }}>Copy link</button></li>
                </ul>
            )}
        </div>
    );
}

function Attachment({post, attachment}: {post: Post; attachment: any}) {
    return (
        <div className='attachment' style={{borderColor: attachment.color || '#c4c9d4'}}>
            {attachment.title && <strong>{attachment.title}</strong>}
            {attachment.text && <div className='markdown' dangerouslySetInnerHTML={{__html: formatText(attachment.text)}}/>}
            {(attachment.actions || []).map((action: any) => (action.type === 'select' ? (
                <select key={action.id} value='' onChange={(event) => act(post, action.id, event.target.value).catch(problem)}>
                    <option value=''>{action.name}</option>
                    {(action.options || []).map((option: any) => <option key={option.value} value={option.value}>{option.text}</option>)}
                </select>
            ) : (
                <button key={action.id} className='secondary' onClick={() => act(post, action.id).catch(problem)}>{action.name}</button>
            )))}
        </div>
    );
}
