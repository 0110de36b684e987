export interface User {
    id: string;
    username: string;
    first_name: string;
    is_bot?: boolean;
}

export interface Team {
    id: string;
    name: string;
    display_name: string;
}

export interface Channel {
    id: string;
    team_id: string;
    type: 'O' | 'P' | 'D' | 'G';
    name: string;
    display_name: string;
    header: string;
    purpose: string;
    delete_at: number;
    total_msg_count: number;
    last_post_at: number;
}

export interface Member {
    channel_id: string;
    msg_count: number;
}

export interface Post {
    id: string;
    create_at: number;
    edit_at: number;
    user_id: string;
    channel_id: string;
    root_id: string;
    message: string;
    type: string;
    props: any;
    metadata: {files?: Array<{id: string; name: string; size: number}>};
}

export interface Element {
    display_name: string;
    name: string;
    type: string;
    subtype: string;
    default: string;
    placeholder: string;
    help_text: string;
    optional: boolean;
    min_length: number;
    max_length: number;
    options: Array<{text: string; value: string}> | null;
}

export interface OpenDialog {
    trigger_id: string;
    url: string;
    dialog: {
        callback_id: string;
        title: string;
        introduction_text: string;
        submit_label: string;
        notify_on_cancel: boolean;
        state: string;
        elements: Element[];
    };
}

export interface State {
    entities: {
        users: {currentUserId: string; profiles: Record<string, User>};
        teams: {currentTeamId: string; teams: Record<string, Team>};
        channels: {currentChannelId: string; channels: Record<string, Channel>; myMembers: Record<string, Member>};
        posts: {byChannel: Record<string, Post[]>};
        integrations: {triggerId: string; dialog: OpenDialog | null};
    };
    view: {route: string; rhs: string; connected: boolean; wasConnected: boolean; highlighted: string; problem: string};
    [plugin: string]: any;
}
