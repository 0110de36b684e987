// The chat page: offers to plugins what Mattermost's web client has on `window`, then draws itself.

import PropTypes from 'prop-types';
import React from 'react';
import ReactDOM from 'react-dom';
import * as ReactRedux from 'react-redux';
import * as Redux from 'redux';

import {follow, loadProfiles} from './actions';
import {api} from './api';
import {App} from './components/app';
import {formatText} from './markdown';
import {loadPlugins, offerPlugins} from './plugins';
import {browserHistory, onNavigate} from './router';
import {connect} from './socket';
import {getState, store} from './store';
import './styles.css';

const messageHtmlToComponent = (html: string) => <span dangerouslySetInnerHTML={{__html: html}}/>;

Object.assign(window, {
    React,
    ReactDOM,
    Redux,
    ReactRedux,
    PropTypes,
    PostUtils: {formatText, messageHtmlToComponent},
    WebappUtils: {browserHistory},
});

async function enter(): Promise<void> {
    const user = await api('GET', '/users/me');
    store.dispatch({type: 'RECEIVED_ME', user});
    store.dispatch({type: 'RECEIVED_TEAMS', teams: await api('GET', '/users/me/teams')});
    offerPlugins();
    connect();
    onNavigate(follow);
    await follow();
    await loadPlugins();
}

// Names of people who are only now seen.
store.subscribe(() => {
    const {posts, channels, users} = getState().entities;
    const shown = posts.byChannel[channels.currentChannelId] || [];
    const last = shown[shown.length - 1];
    if (users.currentUserId && last && !users.profiles[last.user_id]) {
        loadProfiles([last.user_id]).catch(() => undefined);
    }
});

ReactDOM.render(
    <ReactRedux.Provider store={store}><App onEnter={() => enter()}/></ReactRedux.Provider>,
    document.getElementById('root'),
);
enter().catch(() => store.dispatch({type: 'SHOW_ROUTE', route: 'login'}));
