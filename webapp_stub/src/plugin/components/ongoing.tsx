import React from 'react';
import {useSelector} from 'react-redux';

import {goToChannel, startIncident} from '../actions';
import {duration, lasted} from '../duration';
import {pluginState, username} from '../state';
import {GlobalState, Incident} from '../types';
import {StoreContext} from './context';
import {useNow} from './use_now';

export function Ongoing() {
    const store = React.useContext(StoreContext);
    const incidents = useSelector((state: GlobalState) => pluginState(state).ongoing[state.entities.teams.currentTeamId]);
    return (
        <div className='ir-body'>
            <header className='ir-head'>
                <h2 className='ir-title'>Your ongoing incidents</h2>
                <button className='ir-primary ir-small' data-testid='start-incident' onClick={() => startIncident(store)}>Start incident</button>
            </header>
            {incidents && incidents.length === 0 && (
                <p className='ir-empty'>Nothing is burning. Incidents whose channel you are in appear here while they are ongoing.</p>
            )}
            <ul className='ir-list'>{(incidents || []).map((incident) => <Row key={incident.id} incident={incident}/>)}</ul>
        </div>
    );
}

function Row({incident}: {incident: Incident}) {
    const store = React.useContext(StoreContext);
    const now = useNow(true);
    const commander = useSelector((state: GlobalState) => username(state, incident.commander_user_id));
    return (
        <li>
            <button className='ir-row' onClick={() => goToChannel(store, incident.channel_id)}>
                <strong>{incident.name}</strong>
                <span>{[incident.active_stage_title, duration(lasted(incident, now)), commander && `@${commander}`].filter(Boolean).join(' · ')}</span>
            </button>
        </li>
    );
}
