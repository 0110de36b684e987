import React from 'react';
import {useSelector} from 'react-redux';

import {problem} from '../actions';
import {api} from '../api';
import {browserHistory} from '../router';
import {Channel, State, User} from '../types';
import {Avatar} from './avatar';
import {Modal} from './modal';

// Public channels of the team; choosing one joins it.
export function BrowseChannels({onClose}: {onClose: () => void}) {
    const team = useSelector((state: State) => state.entities.teams.teams[state.entities.teams.currentTeamId]);
    const members = useSelector((state: State) => state.entities.channels.myMembers);
    const [channels, setChannels] = React.useState<Channel[]>([]);
    React.useEffect(() => {
        api('GET', `/teams/${team.id}/channels?per_page=200`).then(setChannels).catch(problem);
    }, [team.id]);
    return (
        <Modal title='Browse channels' onClose={onClose}>
            <ul className='pick'>
                {channels.map((channel) => (
                    <li key={channel.id}>
                        <button onClick={() => {
                            onClose();
                            browserHistory.push(`/${team.name}/channels/${channel.name}`);
                        }}>
                            <span><strong># {channel.display_name}</strong><small>{channel.header}</small></span>
                            <em>{members[channel.id] ? 'Joined' : 'Join'}</em>
                        </button>
                    </li>
                ))}
            </ul>
        </Modal>
    );
}

// People of the team who are not in the channel yet.
export function AddPeople({channel, onClose}: {channel: Channel; onClose: () => void}) {
    const [people, setPeople] = React.useState<User[]>([]);
    const load = React.useCallback(() => {
        api('GET', `/users/autocomplete?in_team=${channel.team_id}&in_channel=${channel.id}&name=`).
            then((found) => setPeople((found.out_of_channel || []).filter((user: User) => !user.is_bot))).catch(problem);
    }, [channel.id, channel.team_id]);
    React.useEffect(load, [load]);
    return (
        <Modal title={`Add people to ${channel.display_name}`} onClose={onClose}>
            {people.length === 0 && <p>Everybody of the team is here already.</p>}
            <ul className='pick'>
                {people.map((user) => (
                    <li key={user.id}>
                        <button onClick={() => api('POST', `/channels/${channel.id}/members`, {user_id: user.id}).then(load).catch(problem)}>
                            <Avatar name={user.username}/>
                            <span><strong>{user.username}</strong><small>{user.first_name}</small></span>
                            <em>Add</em>
                        </button>
                    </li>
                ))}
            </ul>
        </Modal>
    );
}
