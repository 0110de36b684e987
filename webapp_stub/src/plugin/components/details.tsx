import React from 'react';
import {useSelector} from 'react-redux';

import {runCommand, runTask, setTaskState} from '../actions';
import {clock, lasted} from '../duration';
import {username} from '../state';
import {GlobalState, Incident, Stage, Task} from '../types';
import {StoreContext} from './context';
import {Tick} from './icons';
import {Markdown} from './markdown';
import {useNow} from './use_now';

export function Details({incident}: {incident: Incident}) {
    const store = React.useContext(StoreContext);
    const commander = useSelector((state: GlobalState) => username(state, incident.commander_user_id));
    const tasks = incident.checklists.reduce((all: Task[], stage) => all.concat(stage.items), []);
    const planned = tasks.filter((task) => task.state !== 'skipped');
    const done = planned.filter((task) => task.state === 'closed').length;
    return (
        <>
            <div className='ir-body'>
                <header className='ir-head'>
                    <h2 className='ir-title' data-testid='incident-name'>{incident.name}</h2>
                    <span className={`ir-badge ${incident.is_active ? 'ir-ongoing' : 'ir-ended'}`} data-testid='incident-status'>
                        {incident.is_active ? 'Ongoing' : 'Ended'}
                    </span>
                </header>
                <dl className='ir-facts'>
                    <div><dt>Commander</dt><dd data-testid='incident-commander'>{commander ? `@${commander}` : '…'}</dd></div>
                    <div><dt>Duration</dt><dd data-testid='incident-duration'><Duration incident={incident}/></dd></div>
                    <div><dt>Tasks</dt><dd data-testid='incident-progress'>{done} of {planned.length}</dd></div>
                </dl>
                <div className='ir-bar' aria-hidden='true'><div style={{width: `${planned.length ? 100 * done / planned.length : 0}%`}}/></div>
                {incident.checklists.map((stage, place) => (
                    <StageView key={stage.id} incident={incident} stage={stage} active={place === incident.active_stage}/>
                ))}
            </div>
            <footer className='ir-foot'>
                {incident.is_active && incident.active_stage >= 0 && incident.active_stage < incident.checklists.length - 1 && (
                    <button className={stageDone(incident) ? 'ir-primary' : 'ir-secondary'} onClick={() => runCommand(store, '/incident stage next')}>
                        Next stage
                    </button>
                )}
                {incident.is_active ? (
                    <button className={done === planned.length ? 'ir-primary' : 'ir-secondary'} onClick={() => runCommand(store, '/incident end')}>
                        End incident
                    </button>
                ) : (
                    <button className='ir-secondary' onClick={() => runCommand(store, '/incident restart')}>Restart incident</button>
                )}
            </footer>
        </>
    );
}

function stageDone(incident: Incident): boolean {
    return incident.checklists[incident.active_stage].items.every((task) => task.state === 'closed' || task.state === 'skipped');
}

function Duration({incident}: {incident: Incident}) {
    const now = useNow(incident.is_active);
    return <>{clock(lasted(incident, now))}</>;
}

function StageView({incident, stage, active}: {incident: Incident; stage: Stage; active: boolean}) {
    const planned = stage.items.filter((task) => task.state !== 'skipped');
    const done = planned.filter((task) => task.state === 'closed').length;
    return (
        <section className='ir-stage'>
            <h3>
                {stage.title}
                {active && incident.checklists.length > 1 && <span className='ir-now'>current</span>}
                <span className='ir-count'>{done}/{planned.length}</span>
            </h3>
            {stage.items.length === 0 && <p className='ir-empty'>No tasks in this stage.</p>}
            <ul>{stage.items.map((task) => <TaskView key={task.id} incident={incident} stage={stage} task={task}/>)}</ul>
        </section>
    );
}

function TaskView({incident, stage, task}: {incident: Incident; stage: Stage; task: Task}) {
    const store = React.useContext(StoreContext);
    const closed = task.state === 'closed';
    const skipped = task.state === 'skipped';
    return (
        <li className={`ir-task ${closed ? 'ir-closed' : ''} ${skipped ? 'ir-skipped' : ''}`}>
            <button
                className='ir-check'
                role='checkbox'
                aria-checked={closed}
                aria-label={task.title}
                onClick={() => setTaskState(store, incident, stage.id, task, closed ? '' : 'closed')}
            >
                {closed && <Tick/>}
            </button>
            <div className='ir-what'>
                <div className='ir-name'><Markdown text={task.title}/></div>
                {task.description && <div className='ir-desc'><Markdown text={task.description}/></div>}
                {task.command && (
                    <div className='ir-run'>
                        <code className='ir-command'>{task.command}</code>
                        <button onClick={() => runTask(store, incident, stage.id, task)}>{task.command_last_run ? 'Rerun' : 'Run'}</button>
                    </div>
                )}
                {skipped && (
                    <div className='ir-when'>Skipped <button className='ir-link' onClick={() => setTaskState(store, incident, stage.id, task, '')}>Restore</button></div>
                )}
                {closed && task.state_modified > 0 && <div className='ir-when'>Done at {new Date(task.state_modified).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'})}</div>}
            </div>
            {!closed && !skipped && (
                <button className='ir-link ir-skip' aria-label={`Skip ${task.title}`} onClick={() => setTaskState(store, incident, stage.id, task, 'skipped')}>Skip</button>
            )}
        </li>
    );
}
