// The plugin API's JSON, and the parts of Mattermost's state and registry that the plugin uses.

export type TaskState = '' | 'in_progress' | 'closed' | 'skipped';

export interface Task {
    id: string;
    title: string;
    description: string;
    command: string;
    state: TaskState;
    state_modified: number;
    command_last_run: number;
}

export interface Stage {
    id: string;
    title: string;
    items: Task[];
}

// What a new playbook can begin with.
export interface Template {
    id: string;
    title: string;
    checklists: Array<{title: string; items: Array<{title: string; description: string; command: string}>}>;
}

export interface Incident {
    id: string;
    name: string;
    description: string;
    is_active: boolean;
    commander_user_id: string;
    team_id: string;
    channel_id: string;
    create_at: number;
    end_at: number;
    active_since: number;
    active_ms: number;
    active_stage: number;
    active_stage_title: string;
    version: number;
    checklists: Stage[];
}

// A push tells the new version, and the task if one task is all that changed.
export interface Update {
    id: string;
    version: number;
    stage_id?: string;
    task?: Task;
}

export interface Profile {
    id: string;
    username: string;
}

export interface GlobalState {
    entities: {
        users: {currentUserId: string; profiles: Record<string, Profile>};
        teams: {currentTeamId: string; teams: Record<string, {id: string; name: string}>};
        channels: {currentChannelId: string; channels: Record<string, {id: string; name: string; team_id: string}>};
    };
    [plugin: string]: any;
}

export interface Registry {
    registerReducer(reducer: (state: any, action: any) => any): void;
    registerRightHandSidebarComponent(component: React.ComponentType, title: React.ReactNode): {
        showRHSPlugin: any;
        hideRHSPlugin: any;
        toggleRHSPlugin: any;
    };
    registerChannelHeaderButtonAction(
        icon: React.ReactNode, action: () => void, dropdownText: string, tooltip: string): void;
    registerPostDropdownMenuAction(text: React.ReactNode, action: (postId: string) => void): void;
    registerWebSocketEventHandler(event: string, handler: (message: {data: any; broadcast: {channel_id: string}}) => void): void;
    registerReconnectHandler(handler: () => void): void;
    registerSlashCommandWillBePostedHook(hook: (message: string, args: any) => any): void;
    registerNeedsTeamRoute?(route: string, component: React.ComponentType): void;
}
