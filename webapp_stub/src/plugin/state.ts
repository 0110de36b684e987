// What the plugin keeps in the store: the incident of each channel that was looked at, and my ongoing ones.

import {GlobalState, Incident, Profile, Task, Update} from './types';
import {PLUGIN_ID} from './client';

export interface PluginState {
    // null: the channel is known to have no incident that I may see
    byChannel: Record<string, Incident | null>;
    ongoing: Record<string, Incident[]>;
    profiles: Record<string, Profile>;
    problem: string;
    rhsOpen: boolean;
}

export type Action =
    | {type: 'INCIDENT_RESPONSE_CHANNEL'; channelId: string; incident: Incident | null}
    | {type: 'INCIDENT_RESPONSE_ONGOING'; teamId: string; incidents: Incident[]}
    | {type: 'INCIDENT_RESPONSE_TASK'; update: Required<Update>}
    | {type: 'INCIDENT_RESPONSE_TASK_LOCAL'; incidentId: string; task: Task}
    | {type: 'INCIDENT_RESPONSE_PROFILES'; profiles: Profile[]}
    | {type: 'INCIDENT_RESPONSE_PROBLEM'; problem: string};

const EMPTY: PluginState = {byChannel: {}, ongoing: {}, profiles: {}, problem: '', rhsOpen: false};

export function withTask(incident: Incident, task: Task): Incident {
    return {
        ...incident,
        checklists: incident.checklists.map((stage) => ({
            ...stage,
            items: stage.items.map((item) => (item.id === task.id ? {...item, ...task} : item)),
        })),
    };
}

function changed(state: PluginState, incidentId: string, change: (incident: Incident) => Incident): PluginState {
    const byChannel = {...state.byChannel};
    for (const [channelId, incident] of Object.entries(byChannel)) {
        if (incident && incident.id === incidentId) {
            byChannel[channelId] = change(incident);
        }
    }
    return {...state, byChannel};
}

export function reducer(state: PluginState = EMPTY, action: Action): PluginState {
    switch (action.type) {
    case 'INCIDENT_RESPONSE_CHANNEL': {
        const known = state.byChannel[action.channelId];
        if (known && action.incident && known.version > action.incident.version) {
            return state; // an answer that was overtaken by a push
        }
        return {...state, byChannel: {...state.byChannel, [action.channelId]: action.incident}};
    }
    case 'INCIDENT_RESPONSE_ONGOING':
        return {...state, ongoing: {...state.ongoing, [action.teamId]: action.incidents}};
    case 'INCIDENT_RESPONSE_TASK':
        return changed(state, action.update.id, (incident) => ({
            ...withTask(incident, action.update.task), version: action.update.version,
        }));
    case 'INCIDENT_RESPONSE_TASK_LOCAL':
        return changed(state, action.incidentId, (incident) => withTask(incident, action.task));
    case 'INCIDENT_RESPONSE_PROFILES':
        return {...state, profiles: {...state.profiles, ...Object.fromEntries(action.profiles.map((p) => [p.id, p]))}};
    case 'INCIDENT_RESPONSE_PROBLEM':
        return {...state, problem: action.problem};
    default:
        return state;
    }
}

export function pluginState(state: GlobalState): PluginState {
    return state[`plugins-${PLUGIN_ID}`] || EMPTY;
}

export function currentIncident(state: GlobalState): Incident | null | undefined {
    return pluginState(state).byChannel[state.entities.channels.currentChannelId];
}

export function username(state: GlobalState, userId: string): string {
    const profile = pluginState(state).profiles[userId] || state.entities.users.profiles[userId];
    return profile ? profile.username : '';
}
