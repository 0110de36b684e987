// The page's store. What plugins read in it has the places and names that Mattermost's own web client gives it.

import {combineReducers, createStore} from 'redux';

import {Channel, Member, OpenDialog, Post, State, Team, User} from './types';

type Action = {type: string; [key: string]: any};

function byId<T extends {id: string}>(known: Record<string, T>, items: T[]): Record<string, T> {
    return {...known, ...Object.fromEntries(items.map((item) => [item.id, item]))};
}

function users(state = {currentUserId: '', profiles: {} as Record<string, User>}, action: Action) {
    switch (action.type) {
    case 'RECEIVED_ME':
        return {currentUserId: action.user.id, profiles: byId(state.profiles, [action.user])};
    case 'RECEIVED_PROFILES':
        return {...state, profiles: byId(state.profiles, action.users)};
    default:
        return state;
    }
}

function teams(state = {currentTeamId: '', teams: {} as Record<string, Team>}, action: Action) {
    switch (action.type) {
    case 'RECEIVED_TEAMS':
        return {...state, teams: byId(state.teams, action.teams)};
    case 'SELECT_CHANNEL':
        return {...state, currentTeamId: action.teamId};
    default:
        return state;
    }
}

interface Channels {
    currentChannelId: string;
    channels: Record<string, Channel>;
    myMembers: Record<string, Member>;
}

function channels(state: Channels = {currentChannelId: '', channels: {}, myMembers: {}}, action: Action): Channels {
    switch (action.type) {
    case 'RECEIVED_MY_CHANNELS':
        return {
            ...state,
            channels: byId(state.channels, action.channels),
            myMembers: Object.fromEntries(action.members.map((member: Member) => [member.channel_id, member])),
        };
    case 'RECEIVED_CHANNELS':
        return {...state, channels: byId(state.channels, action.channels)};
    case 'SELECT_CHANNEL':
        return {...state, currentChannelId: action.channelId};
    case 'VIEWED': {
        const channel = state.channels[action.channelId];
        const member = state.myMembers[action.channelId];
        if (!channel || !member) {
            return state;
        }
        return {...state, myMembers: {...state.myMembers, [channel.id]: {...member, msg_count: channel.total_msg_count}}};
    }
    case 'POSTED': {
        const channel = state.channels[action.post.channel_id];
        if (!channel) {
            return state;
        }
        const counted = {...channel, total_msg_count: channel.total_msg_count + 1, last_post_at: action.post.create_at};
        return {...state, channels: {...state.channels, [channel.id]: counted}};
    }
    case 'LEFT': {
        const {[action.channelId]: _, ...rest} = state.myMembers;
        return {...state, myMembers: rest};
    }
    default:
        return state;
    }
}

function posts(state: {byChannel: Record<string, Post[]>} = {byChannel: {}}, action: Action) {
    const change = (channelId: string, list: (known: Post[]) => Post[]) => ({
        byChannel: {...state.byChannel, [channelId]: list(state.byChannel[channelId] || [])},
    });
    switch (action.type) {
    case 'RECEIVED_POSTS':
        return change(action.channelId, (known) => {
            const mine = known.filter((post) => post.type === 'system_ephemeral');
            return [...action.posts, ...mine].sort((a: Post, b: Post) => a.create_at - b.create_at);
        });
    case 'POSTED':
        return change(action.post.channel_id, (known) => (known.some((post) => post.id === action.post.id) ? known : [...known, action.post]));
    case 'POST_EDITED':
        return change(action.post.channel_id, (known) => known.map((post) => (post.id === action.post.id ? action.post : post)));
    case 'POST_DELETED':
        return change(action.post.channel_id, (known) => known.filter((post) => post.id !== action.post.id));
    default:
        return state;
    }
}

interface Integrations {
    triggerId: string;
    dialog: OpenDialog | null;
}

// A dialog is shown only to the tab that holds its trigger id; event and answer may come in either order.
function integrations(state: Integrations = {triggerId: '', dialog: null}, action: Action): Integrations {
    switch (action.type) {
    case 'RECEIVED_DIALOG_TRIGGER_ID':
        return {...state, triggerId: action.data};
    case 'RECEIVED_DIALOG':
        return {...state, dialog: action.dialog};
    case 'CLOSE_DIALOG':
        return {triggerId: '', dialog: null};
    default:
        return state;
    }
}

const VIEW: State['view'] = {route: '', rhs: '', connected: false, wasConnected: false, highlighted: '', problem: ''};

function view(state = VIEW, action: Action): State['view'] {
    switch (action.type) {
    case 'SELECT_CHANNEL':
        return {...state, route: '', highlighted: action.highlighted || ''};
    case 'SHOW_ROUTE':
        return {...state, route: action.route};
    case 'SHOW_RHS':
        return {...state, rhs: action.id};
    case 'HIDE_RHS':
        return {...state, rhs: ''};
    case 'TOGGLE_RHS':
        return {...state, rhs: state.rhs === action.id ? '' : action.id};
    case 'CONNECTED':
        return {...state, connected: action.connected, wasConnected: state.wasConnected || action.connected};
    case 'PROBLEM':
        return {...state, problem: action.text};
    default:
        return state;
    }
}

const own = {entities: combineReducers({users, teams, channels, posts, integrations}), view};
const ofPlugins: Record<string, (state: any, action: any) => any> = {};

export const store = createStore(combineReducers(own) as any);

export function addReducer(pluginId: string, reducer: (state: any, action: any) => any): void {
    ofPlugins[`plugins-${pluginId}`] = reducer;
    store.replaceReducer(combineReducers({...own, ...ofPlugins}) as any);
}

export function getState(): State {
    return store.getState() as any;
}
