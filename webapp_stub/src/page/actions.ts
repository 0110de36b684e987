// What the page does at the server.

import {ApiError, api} from './api';
import {otherEnd} from './names';
import {registered} from './plugins';
import {browserHistory} from './router';
import {getState, store} from './store';
import {Channel, Member, Post, Team, User} from './types';

export async function loadTeam(teamId: string): Promise<void> {
    if (!teamId) {
        return;
    }
    const [channels, members] = await Promise.all([
        api<Channel[]>('GET', `/users/me/teams/${teamId}/channels`),
        api<Member[]>('GET', `/users/me/teams/${teamId}/channels/members`),
    ]);
    store.dispatch({type: 'RECEIVED_MY_CHANNELS', channels, members});
    const me = getState().entities.users.currentUserId;
    await loadProfiles(channels.map((channel) => otherEnd(channel, me)));
}

export async function loadPosts(channelId: string): Promise<void> {
    if (!channelId) {
        return;
    }
    const listed = await api('GET', `/channels/${channelId}/posts?per_page=100&skipFetchThreads=true`);
    const posts: Post[] = listed.order.map((id: string) => listed.posts[id]).reverse();
    store.dispatch({type: 'RECEIVED_POSTS', channelId, posts});
    await loadProfiles(posts.map((post) => post.user_id));
}

export async function loadProfiles(ids: string[]): Promise<void> {
    const known = getState().entities.users.profiles;
    const missing = Array.from(new Set(ids)).filter((id) => id && !known[id]);
    if (missing.length) {
        store.dispatch({type: 'RECEIVED_PROFILES', users: await api<User[]>('POST', '/users/ids', missing)});
    }
}

export async function viewed(channelId: string): Promise<void> {
    store.dispatch({type: 'VIEWED', channelId});
    await api('POST', '/channels/members/me/view', {channel_id: channelId});
}

export async function send(text: string, channelId: string): Promise<void> {
    if (text.startsWith('/')) {
        await command(text, channelId);
    } else {
        await api('POST', '/posts', {channel_id: channelId, message: text});
    }
}

async function command(typed: string, channelId: string): Promise<void> {
    let text = typed;
    let args: any = {channel_id: channelId, team_id: getState().entities.teams.currentTeamId};
    for (const hook of registered.commandHooks) {
        const result = await hook(text, args);
        if (!result || !result.message) {
            return;
        }
        text = result.message;
        args = result.args || args;
    }
    const answer = await api('POST', '/commands/execute', {...args, command: text});
    store.dispatch({type: 'RECEIVED_DIALOG_TRIGGER_ID', data: answer.trigger_id});
    if (answer.goto_location) {
        browserHistory.push(answer.goto_location);
    }
}

export async function act(post: Post, actionId: string, option?: string): Promise<void> {
    const answer = await api('POST', `/posts/${post.id}/actions/${actionId}`, option ? {selected_option: option} : {});
    store.dispatch({type: 'RECEIVED_DIALOG_TRIGGER_ID', data: answer.trigger_id});
}

export async function join(channel: Channel): Promise<void> {
    const me = getState().entities.users.currentUserId;
    await api('POST', `/channels/${channel.id}/members`, {user_id: me});
    await loadTeam(channel.team_id);
}

// Finds what the address means: a channel, a post in one, or a page of a plugin.
export async function follow(): Promise<void> {
    const [teamName, kind, ...rest] = window.location.pathname.split('/').filter(Boolean).map(decodeURIComponent);
    const {teams} = getState().entities;
    const all = Object.values(teams.teams);
    const team = all.find((candidate) => candidate.name === teamName) || (teamName === '_redirect' ? all[0] : undefined);
    if (!team) {
        const home = all[0];
        if (home) {
            browserHistory.replace(`/${home.name}/channels/town-square`);
        }
        return;
    }
    if (team.id !== teams.currentTeamId) {
        await loadTeam(team.id);
    }
    try {
        if (kind === 'channels') {
            await enter(team, await api<Channel>('GET', `/teams/${team.id}/channels/name/${rest[0]}`));
        } else if (kind === 'pl') {
            const post = await api<Post>('GET', `/posts/${rest[0]}`);
            await enter(team, await api<Channel>('GET', `/channels/${post.channel_id}`), post.id);
        } else if (kind) {
            store.dispatch({type: 'SELECT_CHANNEL', teamId: team.id, channelId: getState().entities.channels.currentChannelId});
            store.dispatch({type: 'SHOW_ROUTE', route: `/${[kind, ...rest].join('/')}`});
        } else {
            browserHistory.replace(`/${team.name}/channels/town-square`);
        }
    } catch (error) {
        problem(error);
        if (error instanceof ApiError && getState().entities.channels.currentChannelId === '') {
            browserHistory.replace(`/${team.name}/channels/town-square`);
        }
    }
}

async function enter(team: Team, channel: Channel, highlighted = ''): Promise<void> {
    store.dispatch({type: 'RECEIVED_CHANNELS', channels: [channel]});
    if (channel.type === 'O' && !getState().entities.channels.myMembers[channel.id]) {
        await join(channel);
    } else if (!getState().entities.channels.myMembers[channel.id]) {
        await loadTeam(team.id);
    }
    store.dispatch({type: 'SELECT_CHANNEL', teamId: team.id, channelId: channel.id, highlighted});
    await loadPosts(channel.id);
    await viewed(channel.id);
}

export function problem(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    store.dispatch({type: 'PROBLEM', text});
}
