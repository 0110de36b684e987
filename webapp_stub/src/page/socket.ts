// The websocket: connects again by itself, and then asks for what it may have missed.

import {loadPosts, loadTeam} from './actions';
import {registered} from './plugins';
import {getState, store} from './store';

const LONGEST_PAUSE_MS = 10000;

let pause = 500;
let lost = false;

export function connect(): void {
    const socket = new WebSocket(`${window.location.protocol.replace('http', 'ws')}//${window.location.host}/api/v4/websocket`);
    socket.onopen = () => {
        pause = 500;
        store.dispatch({type: 'CONNECTED', connected: true});
        if (lost) {
            lost = false;
            const {channels, teams} = getState().entities;
            loadTeam(teams.currentTeamId);
            loadPosts(channels.currentChannelId);
            registered.reconnected.forEach((handler) => handler());
        }
    };
    socket.onmessage = (frame) => {
        const message = JSON.parse(frame.data);
        if (message.event) {
            received(message);
            (registered.handlers[message.event] || []).forEach((handler) => handler(message));
        }
    };
    socket.onclose = () => {
        if (!getState().entities.users.currentUserId) {
            return;
        }
        lost = true;
        store.dispatch({type: 'CONNECTED', connected: false});
        window.setTimeout(connect, pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    };
}

function received({event, data, broadcast}: any): void {
    const {teams, channels, users} = getState().entities;
    switch (event) {
    case 'posted':
    case 'ephemeral_message':
        store.dispatch({type: 'POSTED', post: JSON.parse(data.post)});
        break;
    case 'post_edited':
        store.dispatch({type: 'POST_EDITED', post: JSON.parse(data.post)});
        break;
    case 'post_deleted':
        store.dispatch({type: 'POST_DELETED', post: JSON.parse(data.post)});
        break;
    case 'open_dialog':
        store.dispatch({type: 'RECEIVED_DIALOG', dialog: JSON.parse(data.dialog)});
        break;
    case 'channel_updated':
        store.dispatch({type: 'RECEIVED_CHANNELS', channels: [JSON.parse(data.channel)]});
        break;
    case 'user_removed':
        if (data.user_id === users.currentUserId || broadcast.user_id === users.currentUserId) {
            store.dispatch({type: 'LEFT', channelId: data.channel_id || broadcast.channel_id});
        }
        break;
    case 'user_added':
        if (data.user_id !== users.currentUserId && broadcast.channel_id !== channels.currentChannelId) {
            break;
        }
        loadTeam(teams.currentTeamId);
        break;
    case 'channel_created':
    case 'channel_deleted':
    case 'direct_added':
    case 'added_to_team':
        loadTeam(teams.currentTeamId);
        break;
    }
}
