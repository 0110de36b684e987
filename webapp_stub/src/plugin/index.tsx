// Registers the plugin with Mattermost's web client, nothing else.

import React from 'react';

import {Store, loadChannel, loadOngoing, newClientId, onCreated, onUpdated, resync, startIncident} from './actions';
import {PLUGIN_ID} from './client';
import {StoreContext} from './components/context';
import {Shield} from './components/icons';
import {NewPlaybook} from './components/new_playbook';
import {Rhs} from './components/rhs';
import {currentIncident, reducer} from './state';
import {addStyles} from './styles';
import {Registry} from './types';

class Plugin {
    initialize(registry: Registry, store: Store) {
        addStyles();
        registry.registerReducer(reducer);
        const withStore = (Component: React.ComponentType) => () => (
            <StoreContext.Provider value={store}><Component/></StoreContext.Provider>
        );
        const rhs = registry.registerRightHandSidebarComponent(withStore(Rhs), 'Incident response');
        registry.registerChannelHeaderButtonAction(
            <Shield/>, () => store.dispatch(rhs.toggleRHSPlugin), 'Incidents', 'Incidents');
        registry.registerPostDropdownMenuAction('Start incident', (postId) => startIncident(store, postId));
        registry.registerSlashCommandWillBePostedHook((message, args) => ({message: withClientId(message), args}));
        if (registry.registerNeedsTeamRoute) {
            registry.registerNeedsTeamRoute('/playbooks/new', withStore(NewPlaybook));
        }
        const event = (name: string) => `custom_${PLUGIN_ID}_${name}`;
        registry.registerWebSocketEventHandler(event('incident_created'), (message) => onCreated(store, JSON.parse(message.data.payload)));
        registry.registerWebSocketEventHandler(event('incident_updated'), (message) => onUpdated(store, JSON.parse(message.data.payload), message.broadcast.channel_id));
        for (const membership of ['user_added', 'user_removed']) {
            registry.registerWebSocketEventHandler(membership, () => loadOngoing(store));
        }
        registry.registerReconnectHandler(() => resync(store));
        follow(store as Store & {subscribe(listener: () => void): void}, rhs.showRHSPlugin);
    }
}

// `/incident start` typed by hand gets a client id, so that this tab goes to the new channel.
function withClientId(message: string): string {
    return (/^\/incident\s+start\s*$/i).test(message.trim()) ? `/incident start ${newClientId()}` : message;
}

// Looks at each channel that is entered; one with an incident opens the sidebar.
function follow(store: Store & {subscribe(listener: () => void): void}, showRhs: any): void {
    let channelId = '';
    let teamId = '';
    const look = async () => {
        const {channels, teams} = store.getState().entities;
        if (teams.currentTeamId !== teamId) {
            teamId = teams.currentTeamId;
            loadOngoing(store);
        }
        if (channels.currentChannelId !== channelId) {
            channelId = channels.currentChannelId;
            const entered = channelId;
            await loadChannel(store, entered);
            if (entered === store.getState().entities.channels.currentChannelId && currentIncident(store.getState())) {
                store.dispatch(showRhs);
            }
        }
    };
    store.subscribe(look);
    look();
}

(window as any).registerPlugin(PLUGIN_ID, new Plugin());
