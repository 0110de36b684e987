import React from 'react';
import {useDispatch, useSelector} from 'react-redux';

import {registered} from '../plugins';
import {browserHistory} from '../router';
import {getState, store} from '../store';
import {State} from '../types';
import {ChannelView} from './channel_view';
import {DialogModal} from './dialog';
import {Login} from './login';
import {Sidebar} from './sidebar';

export function App({onEnter}: {onEnter: () => Promise<void>}) {
    const userId = useSelector((state: State) => state.entities.users.currentUserId);
    const view = useSelector((state: State) => state.view);
    const channelId = useSelector((state: State) => state.entities.channels.currentChannelId);
    const [menu, setMenu] = React.useState(false);
    React.useEffect(() => setMenu(false), [channelId, view.route]);
    if (!userId) {
        return view.route === 'login' ? <Login onEnter={onEnter}/> : null;
    }
    const route = registered.routes.find((candidate) => candidate.path === view.route);
    const sidebar = registered.sidebars.find((candidate) => candidate.id === view.rhs);
    return (
        <div className={`app ${menu ? 'menu-open' : ''}`} onClick={followLink}>
            <Sidebar/>
            <div className='veil' onClick={() => setMenu(false)}/>
            <main>
                {view.wasConnected && !view.connected && <div className='offline' role='status'>Connection lost. Trying again…</div>}
                {route ? <div className='page'><route.component/></div> : <ChannelView onMenu={() => setMenu(true)}/>}
            </main>
            {sidebar && !route && <Rhs title={sidebar.title}><sidebar.component/></Rhs>}
            <DialogModal/>
        </div>
    );
}

// Links that stay on this server do not load the page anew; the others open a tab of their own.
function followLink(event: React.MouseEvent) {
    const link = (event.target as HTMLElement).closest('a');
    if (!link || link.hasAttribute('download')) {
        return;
    }
    if (link.origin !== window.location.origin) {
        link.target = '_blank';
        return;
    }
    event.preventDefault();
    store.dispatch({type: 'CLOSE_DIALOG'});
    const {teams} = getState().entities;
    const team = teams.teams[teams.currentTeamId];
    browserHistory.push(link.dataset.channel ? `/${team.name}/channels/${link.dataset.channel}` : link.pathname);
}

function Rhs({title, children}: {title: React.ReactNode; children: React.ReactNode}) {
    const dispatch = useDispatch();
    return (
        <aside className='rhs'>
            <header><strong>{title}</strong><button className='icon' aria-label='Close' onClick={() => dispatch({type: 'HIDE_RHS'})}>✕</button></header>
            <div className='rhs-body'>{children}</div>
        </aside>
    );
}
