// The only place that fetches. Errors carry what the server says, for the person to read.

import {Incident, Profile, Task, TaskState, Template} from './types';

export const PLUGIN_ID = 'incident-response';
const API = `/plugins/${PLUGIN_ID}/api/v0`;

export class ClientError extends Error {
    constructor(readonly status: number, message: string) {
        super(message);
    }
}

function cookie(name: string): string {
    const found = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`));
    return found ? found.slice(name.length + 1) : '';
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = {'X-Requested-With': 'XMLHttpRequest', 'X-CSRF-Token': cookie('MMCSRF')};
    if (body !== undefined) {
        headers['Content-Type'] = 'application/json';
    }
    let answer: Response;
    try {
        answer = await fetch(path, {method, headers, credentials: 'same-origin', body: body === undefined ? undefined : JSON.stringify(body)});
    } catch {
        throw new ClientError(0, 'The server cannot be reached. Check your connection.');
    }
    const text = await answer.text();
    let parsed: any;
    try {
        parsed = text ? JSON.parse(text) : {};
    } catch {
        parsed = {};
    }
    if (!answer.ok) {
        throw new ClientError(answer.status, parsed.message || `The server answered ${answer.status}.`);
    }
    return parsed;
}

export function incidentOfChannel(channelId: string): Promise<Incident> {
    return call('GET', `${API}/incidents/channel/${channelId}`);
}

export async function myOngoingIncidents(teamId: string, userId: string): Promise<Incident[]> {
    const query = `team_id=${teamId}&member_id=${userId}&status=active&sort=create_at&direction=desc&per_page=100`;
    return (await call<{items: Incident[]}>('GET', `${API}/incidents?${query}`)).items;
}

export function setTaskState(incidentId: string, stageId: string, taskId: string, state: TaskState): Promise<Task> {
    return call('PUT', `${API}/incidents/${incidentId}/checklists/${stageId}/item/${taskId}/state`, {new_state: state});
}

export function runTask(incidentId: string, stageId: string, taskId: string): Promise<Task> {
    return call('POST', `${API}/incidents/${incidentId}/checklists/${stageId}/item/${taskId}/run`);
}

export function templates(): Promise<Template[]> {
    return call('GET', `${API}/playbooks/templates`);
}

export function createPlaybook(playbook: unknown): Promise<{id: string}> {
    return call('POST', `${API}/playbooks`, playbook);
}

export type TelemetryLevel = 'off' | 'base' | 'statistics' | 'usage';

export function telemetryNotice(): Promise<{show: boolean}> {
    return call('GET', `${API}/telemetry/notice`);
}

export function telemetryNoticeSeen(): Promise<{show: boolean}> {
    return call('POST', `${API}/telemetry/notice/seen`);
}

export function chooseTelemetryLevel(level: TelemetryLevel): Promise<unknown> {
    return call('PUT', `${API}/telemetry`, {level});
}

export function profiles(ids: string[]): Promise<Profile[]> {
    return call('POST', '/api/v4/users/ids', ids);
}

export function executeCommand(command: string, channelId: string, teamId: string): Promise<{trigger_id: string}> {
    return call('POST', '/api/v4/commands/execute', {command, channel_id: channelId, team_id: teamId});
}

export function channel(channelId: string): Promise<{id: string; name: string; team_id: string}> {
    return call('GET', `/api/v4/channels/${channelId}`);
}
