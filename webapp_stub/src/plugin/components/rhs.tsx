import React from 'react';
import {useSelector} from 'react-redux';

import {currentIncident, pluginState} from '../state';
import {GlobalState} from '../types';
import {Details} from './details';
import {Ongoing} from './ongoing';
import {TelemetryNotice} from './telemetry_notice';

// In an incident's channel its details, elsewhere the list of my ongoing incidents.
export function Rhs() {
    const incident = useSelector(currentIncident);
    const problem = useSelector((state: GlobalState) => pluginState(state).problem);
    return (
        <div className='ir-rhs' data-testid='incident-rhs'>
            {problem && <div className='ir-problem' role='alert'>{problem}</div>}
            <TelemetryNotice/>
            {incident ? <Details incident={incident}/> : <Ongoing/>}
        </div>
    );
}
