import React from 'react';

import {api} from '../api';
import {Avatar} from './avatar';

const PEOPLE = [
    {name: 'alice', about: 'Team SRE, has both playbooks'},
    {name: 'bob', about: 'Team SRE, has “Service outage”'},
    {name: 'carol', about: 'Team SRE, has no playbook'},
    {name: 'dave', about: 'Team Support only'},
    {name: 'sysadmin', about: 'System administrator'},
];

export function Login({onEnter}: {onEnter: () => Promise<void>}) {
    const [problem, setProblem] = React.useState('');
    async function enter(name: string) {
        try {
            await api('POST', '/users/login', {login_id: name, password: 'Passw0rd!'});
            await onEnter();
        } catch (error) {
            setProblem(error instanceof Error ? error.message : String(error));
        }
    }
    return (
        <div className='login'>
            <div className='login-card'>
                <h1>Incident response demo</h1>
                <p>A small Mattermost with the plugin inside. Choose who you are; open a second window, as somebody else, to see both sides.</p>
                {problem && <div className='problem' role='alert'>{problem}</div>}
                <ul>
                    {PEOPLE.map((person) => (
                        <li key={person.name}>
                            <button data-testid={`login-${person.name}`} onClick={() => enter(person.name)}>
                                <Avatar name={person.name}/>
                                <span><strong>{person.name}</strong><small>{person.about}</small></span>
                            </button>
                        </li>
                    ))}
                </ul>
            </div>
        </div>
    );
}
