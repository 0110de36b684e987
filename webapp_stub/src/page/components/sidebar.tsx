import React from 'react';
import {useSelector} from 'react-redux';

import {api} from '../api';
import {channelName} from '../names';
import {browserHistory} from '../router';
import {Channel, State} from '../types';
import {Avatar} from './avatar';
import {BrowseChannels} from './browse';
import {Lock} from './icons';

export function Sidebar() {
    const {teams, channels, users} = useSelector((state: State) => state.entities);
    const [browsing, setBrowsing] = React.useState(false);
    const team = teams.teams[teams.currentTeamId];
    const me = users.profiles[users.currentUserId];
    const mine = Object.values(channels.channels).filter((channel) => channels.myMembers[channel.id] && !channel.delete_at);
    const byName = (a: Channel, b: Channel) => a.display_name.localeCompare(b.display_name);
    const inTeam = mine.filter((channel) => channel.team_id === teams.currentTeamId).sort(byName);
    const direct = mine.filter((channel) => !channel.team_id);
    async function leave() {
        await api('POST', '/users/logout');
        window.location.assign('/');
    }
    return (
        <nav className='sidebar' aria-label='Channels'>
            <header>
                <Avatar name={me.username}/>
                <span><strong>{team ? team.display_name : ''}</strong><small>@{me.username}</small></span>
                <button className='quiet' onClick={leave} title='Sign out'>Sign out</button>
            </header>
            {Object.keys(teams.teams).length > 1 && (
                <div className='teams'>
                    {Object.values(teams.teams).map((other) => (
                        <button key={other.id} className={other.id === teams.currentTeamId ? 'current' : ''} onClick={() => browserHistory.push(`/${other.name}/channels/town-square`)}>{other.display_name}</button>
                    ))}
                </div>
            )}
            <div className='scroll'>
                <h2>Channels<button className='quiet' aria-label='Browse channels' title='Browse channels' onClick={() => setBrowsing(true)}>+</button></h2>
                <ul>{inTeam.map((channel) => <Row key={channel.id} channel={channel}/>)}</ul>
                {direct.length > 0 && <h2>Direct messages</h2>}
                <ul>{direct.map((channel) => <Row key={channel.id} channel={channel}/>)}</ul>
            </div>
            <a className='below' href='/telemetry' target='_blank' rel='noopener'>What telemetry would send</a>
            {browsing && <BrowseChannels onClose={() => setBrowsing(false)}/>}
        </nav>
    );
}

function Row({channel}: {channel: Channel}) {
    const {teams, channels, users} = useSelector((state: State) => state.entities);
    const member = channels.myMembers[channel.id];
    const current = channels.currentChannelId === channel.id;
    const unread = !current && member && channel.total_msg_count > member.msg_count;
    const team = teams.teams[teams.currentTeamId];
    return (
        <li>
            <button
                className={`channel ${current ? 'current' : ''} ${unread ? 'unread' : ''}`}
                onClick={() => team && browserHistory.push(`/${team.name}/channels/${channel.name}`)}
            >
                <span className='kind' aria-hidden='true'>{channel.type === 'P' ? <Lock/> : channel.team_id ? '#' : '@'}</span>
                <span className='text'>{channelName(channel, users)}</span>
            </button>
        </li>
    );
}
