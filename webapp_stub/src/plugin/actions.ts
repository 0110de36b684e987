// What the plugin does: loads, changes, and follows what others change.

import * as client from './client';
import {pluginState} from './state';
import {GlobalState, Incident, Task, TaskState, Update} from './types';

export interface Store {
    getState(): GlobalState;
    dispatch(action: any): any;
}

// The ids of the starts that this browser tab asked for: it alone goes to the new channel.
const asked = new Set<string>();

export function newClientId(): string {
    const id = Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => byte.toString(36).padStart(2, '0')).join('');
    asked.add(id);
    return id;
}

// Of several answers about the same thing only that to the newest question counts.
let lastAsked = 0;
const newest: Record<string, number> = {};

export async function loadChannel(store: Store, channelId: string): Promise<void> {
    if (!channelId) {
        return;
    }
    const asking = ++lastAsked;
    newest[channelId] = asking;
    const overtaken = () => newest[channelId] !== asking;
    try {
        const incident = await client.incidentOfChannel(channelId);
        if (!overtaken()) {
            show(store, channelId, incident);
            problem(store, null);
        }
    } catch (error) {
        if (overtaken()) {
            return;
        }
        if (error instanceof client.ClientError && error.status === 404) {
            show(store, channelId, null);
        } else {
            problem(store, error);
        }
    }
}

function show(store: Store, channelId: string, incident: Incident | null): void {
    store.dispatch({type: 'INCIDENT_RESPONSE_CHANNEL', channelId, incident});
    if (incident) {
        loadProfiles(store, [incident.commander_user_id]);
    }
}

export async function loadOngoing(store: Store): Promise<void> {
    const {teams, users} = store.getState().entities;
    if (!teams.currentTeamId || !users.currentUserId) {
        return;
    }
    const asking = ++lastAsked;
    newest.ongoing = asking;
    try {
        const incidents = await client.myOngoingIncidents(teams.currentTeamId, users.currentUserId);
        if (newest.ongoing !== asking) {
            return;
        }
        store.dispatch({type: 'INCIDENT_RESPONSE_ONGOING', teamId: teams.currentTeamId, incidents});
        loadProfiles(store, incidents.map((incident) => incident.commander_user_id));
    } catch (error) {
        if (!(error instanceof client.ClientError && error.status === 403)) {
            problem(store, error);
        }
    }
}

async function loadProfiles(store: Store, ids: string[]): Promise<void> {
    const state = store.getState();
    const missing = Array.from(new Set(ids)).filter((id) => id && !pluginState(state).profiles[id] && !state.entities.users.profiles[id]);
    if (missing.length) {
        try {
            store.dispatch({type: 'INCIDENT_RESPONSE_PROFILES', profiles: await client.profiles(missing)});
        } catch (error) {
            problem(store, error);
        }
    }
}

// The tick shows at once; if the server refuses it, the server's own view comes back with the reason.
export async function setTaskState(store: Store, incident: Incident, stageId: string, task: Task, state: TaskState): Promise<void> {
    store.dispatch({type: 'INCIDENT_RESPONSE_TASK_LOCAL', incidentId: incident.id, task: {...task, state}});
    try {
        await client.setTaskState(incident.id, stageId, task.id, state);
        problem(store, null);
    } catch (error) {
        store.dispatch({type: 'INCIDENT_RESPONSE_TASK_LOCAL', incidentId: incident.id, task});
        await loadChannel(store, incident.channel_id);
        problem(store, error);
    }
}

export async function runTask(store: Store, incident: Incident, stageId: string, task: Task): Promise<void> {
    try {
        const ran = await client.runTask(incident.id, stageId, task.id);
        store.dispatch({type: 'INCIDENT_RESPONSE_TASK_LOCAL', incidentId: incident.id, task: ran});
        problem(store, null);
    } catch (error) {
        problem(store, error);
    }
}

export async function runCommand(store: Store, command: string): Promise<void> {
    const {channels, teams} = store.getState().entities;
    try {
        const answer = await client.executeCommand(command, channels.currentChannelId, teams.currentTeamId);
        // Mattermost shows a dialog only to the tab that holds its trigger id.
        store.dispatch({type: 'RECEIVED_DIALOG_TRIGGER_ID', data: answer.trigger_id});
        problem(store, null);
    } catch (error) {
        problem(store, error);
    }
}

export function startIncident(store: Store, postId = ''): Promise<void> {
    return runCommand(store, `/incident start ${newClientId()} ${postId}`.trim());
}

export async function onCreated(store: Store, payload: {incident: Incident; client_id: string}): Promise<void> {
    newest[payload.incident.channel_id] = ++lastAsked;
    store.dispatch({type: 'INCIDENT_RESPONSE_CHANNEL', channelId: payload.incident.channel_id, incident: payload.incident});
    loadOngoing(store);
    if (asked.delete(payload.client_id)) {
        const channel = await client.channel(payload.incident.channel_id);
        goTo(store, channel);
    }
}

export function onUpdated(store: Store, update: Update, channelId: string): void {
    if (!update.task) {
        loadOngoing(store);
    }
    const known = Object.values(pluginState(store.getState()).byChannel).find((incident) => incident && incident.id === update.id);
    if (known && update.task && update.version === known.version + 1) {
        store.dispatch({type: 'INCIDENT_RESPONSE_TASK', update});
        return;
    }
    if (known && update.version <= known.version) {
        return;
    }
    if (known) {
        loadChannel(store, known.channel_id);
    } else if (channelId === store.getState().entities.channels.currentChannelId) {
        loadChannel(store, channelId);
    }
}

// After a lost connection: whatever happened meanwhile was not told.
export function resync(store: Store): void {
    loadOngoing(store);
    loadChannel(store, store.getState().entities.channels.currentChannelId);
}

export function goTo(store: Store, channel: {name: string; team_id: string}): void {
    const team = store.getState().entities.teams.teams[channel.team_id];
    const path = `/${team ? team.name : ''}/channels/${channel.name}`;
    const utils = (window as any).WebappUtils;
    if (utils && utils.browserHistory) {
        utils.browserHistory.push(path);
    } else {
        window.location.assign(path);
    }
}

export async function goToChannel(store: Store, channelId: string): Promise<void> {
    const known = store.getState().entities.channels.channels[channelId];
    goTo(store, known || await client.channel(channelId));
}

function problem(store: Store, error: unknown): void {
    const text = error === null ? '' : error instanceof Error ? error.message : String(error);
    if (text || pluginState(store.getState()).problem) {
        store.dispatch({type: 'INCIDENT_RESPONSE_PROBLEM', problem: text});
    }
}
