// What plugins register, with the calls that Mattermost's web client offers them.

import React from 'react';

import {api} from './api';
import {addReducer, store} from './store';

export interface HeaderButton {icon: React.ReactNode; action: () => void; text: string}
export interface PostAction {text: React.ReactNode; action: (postId: string) => void}
export interface Sidebar {id: string; component: React.ComponentType; title: React.ReactNode}
export interface Route {path: string; component: React.ComponentType}
type Handler = (message: any) => void;
type Hook = (message: string, args: any) => any;

export const registered = {
    headerButtons: [] as HeaderButton[],
    postActions: [] as PostAction[],
    sidebars: [] as Sidebar[],
    routes: [] as Route[],
    handlers: {} as Record<string, Handler[]>,
    reconnected: [] as Array<() => void>,
    commandHooks: [] as Hook[],
};

function registryOf(pluginId: string) {
    const changed = () => store.dispatch({type: 'PLUGIN_REGISTERED'});
    return {
        registerReducer: (reducer: any) => addReducer(pluginId, reducer),
        registerRightHandSidebarComponent(component: React.ComponentType, title: React.ReactNode) {
            const id = `${pluginId}-${registered.sidebars.length}`;
            registered.sidebars.push({id, component, title});
            changed();
            return {
                id,
                showRHSPlugin: {type: 'SHOW_RHS', id},
                hideRHSPlugin: {type: 'HIDE_RHS'},
                toggleRHSPlugin: {type: 'TOGGLE_RHS', id},
            };
        },
        registerChannelHeaderButtonAction(icon: React.ReactNode, action: () => void, text: string) {
            registered.headerButtons.push({icon, action, text});
            changed();
        },
        registerPostDropdownMenuAction(text: React.ReactNode, action: (postId: string) => void) {
            registered.postActions.push({text, action});
            changed();
        },
        registerNeedsTeamRoute(route: string, component: React.ComponentType) {
            registered.routes.push({path: `/${pluginId}${route}`, component});
            changed();
        },
        registerWebSocketEventHandler(event: string, handler: Handler) {
            (registered.handlers[event] = registered.handlers[event] || []).push(handler);
        },
        registerReconnectHandler: (handler: () => void) => registered.reconnected.push(handler),
        registerSlashCommandWillBePostedHook: (hook: Hook) => registered.commandHooks.push(hook),
    };
}

export function offerPlugins(): void {
    (window as any).registerPlugin = (pluginId: string, plugin: any) => plugin.initialize(registryOf(pluginId), store);
}

export async function loadPlugins(): Promise<void> {
    const plugins = await api<any[]>('GET', '/plugins/webapp');
    await Promise.all(plugins.map((plugin) => new Promise<void>((resolve) => {
        const script = document.createElement('script');
        script.src = plugin.webapp.bundle_path.replace('/static/', '/static/plugins/');
        script.onload = () => resolve();
        script.onerror = () => resolve();
        document.head.appendChild(script);
    })));
}
