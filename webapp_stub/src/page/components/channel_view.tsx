import React from 'react';
import {useDispatch, useSelector} from 'react-redux';

import {viewed} from '../actions';
import {formatText} from '../markdown';
import {channelName} from '../names';
import {registered} from '../plugins';
import {Post, State} from '../types';
import {AddPeople} from './browse';
import {Composer} from './composer';
import {Person} from './icons';
import {PostView} from './post';

const NONE: Post[] = [];
const TOGETHER_MS = 5 * 60 * 1000;

export function ChannelView({onMenu}: {onMenu: () => void}) {
    const dispatch = useDispatch();
    const channel = useSelector((state: State) => state.entities.channels.channels[state.entities.channels.currentChannelId]);
    const posts = useSelector((state: State) => state.entities.posts.byChannel[state.entities.channels.currentChannelId] || NONE);
    const {highlighted, problem} = useSelector((state: State) => state.view);
    const users = useSelector((state: State) => state.entities.users);
    const [adding, setAdding] = React.useState(false);
    const list = React.useRef<HTMLDivElement>(null);
    const channelId = channel ? channel.id : '';
    const last = posts.length ? posts[posts.length - 1].id : '';
    React.useLayoutEffect(() => {
        if (!list.current) {
            return;
        }
        const wanted = highlighted && list.current.querySelector(`#post-${highlighted}`);
        if (wanted) {
            wanted.scrollIntoView({block: 'center'});
        } else {
            list.current.scrollTop = list.current.scrollHeight;
        }
    }, [channelId, last, highlighted]);
    React.useEffect(() => {
        if (channelId && last) {
            viewed(channelId).catch(() => undefined);
        }
    }, [channelId, last]);
    if (!channel) {
        return <div className='channel-view'><header className='bar'><Menu onClick={onMenu}/></header></div>;
    }
    return (
        <div className='channel-view'>
            <header className='bar'>
                <Menu onClick={onMenu}/>
                <div className='names'>
                    <h1>{channelName(channel, users)}</h1>
                    {channel.header && <div className='topic' dangerouslySetInnerHTML={{__html: formatText(channel.header)}}/>}
                </div>
                {channel.team_id && <button className='icon' title='Add people' aria-label='Add people' onClick={() => setAdding(true)}><Person/></button>}
                {registered.headerButtons.map((button) => (
                    <button key={button.text} className='icon plugin' title={button.text} aria-label={button.text} onClick={button.action}>{button.icon}</button>
                ))}
            </header>
            {problem && (
                <div className='problem bar-problem' role='alert'>{problem}
                    <button className='icon' aria-label='Dismiss' onClick={() => dispatch({type: 'PROBLEM', text: ''})}>✕</button>
                </div>
            )}
            <div className='posts' ref={list}>
                <div className='first'><h2>{channel.display_name}</h2><p>{channel.purpose || 'This is the beginning of the channel.'}</p></div>
                {posts.map((post, place) => (
                    <PostView key={post.id} post={post} follows={together(posts[place - 1], post)} highlighted={post.id === highlighted}/>
                ))}
            </div>
            {channel.delete_at ? <p className='archived'>This channel is archived.</p> : <Composer key={channel.id} channel={channel}/>}
            {adding && <AddPeople channel={channel} onClose={() => setAdding(false)}/>}
        </div>
    );
}

function Menu({onClick}: {onClick: () => void}) {
    return <button className='icon menu' aria-label='Open channels' onClick={onClick}>☰</button>;
}

function together(before: Post | undefined, post: Post): boolean {
    return Boolean(before && before.user_id === post.user_id && before.type === post.type && !post.type && post.create_at - before.create_at < TOGETHER_MS);
}
