import React from 'react';

import {createPlaybook, templates} from '../client';
import {Template} from '../types';
import {StoreContext} from './context';

interface Parsed {
    title: string;
    items: Array<{title: string; description: string; command: string}>;
}

// "# Stage" opens a stage, every other line is a task, and "/command" at the end of a task is its slash command.
export function parseStages(text: string): Parsed[] {
    const stages: Parsed[] = [];
    for (const line of text.split('\n').map((raw) => raw.trim()).filter(Boolean)) {
        if (line.startsWith('#')) {
            stages.push({title: line.replace(/^#+\s*/, '') || 'Untitled stage', items: []});
            continue;
        }
        if (!stages.length) {
            stages.push({title: 'Default Stage', items: []});
        }
        const [, title, command] = (/^[-*]?\s*(.*?)\s*(\s\/\S.*)?$/).exec(line) as RegExpExecArray;
        stages[stages.length - 1].items.push({title: title || line, description: '', command: (command || '').trim()});
    }
    return stages;
}

// The other way round; descriptions have no place in a line, so they are found again by the task's title.
export function toText(template: Template): string {
    return template.checklists.map((stage) => [
        `# ${stage.title}`,
        ...stage.items.map((task) => `- ${task.title}${task.command ? ` ${task.command}` : ''}`),
    ].join('\n')).join('\n');
}

function described(stages: Parsed[], template: Template | undefined): Parsed[] {
    const known: Record<string, string> = {};
    for (const stage of template ? template.checklists : []) {
        stage.items.forEach((task) => (known[task.title] = task.description));
    }
    return stages.map((stage) => ({...stage, items: stage.items.map((task) => ({...task, description: known[task.title] || ''}))}));
}

const EXAMPLE = '# Triage\n- Confirm the impact\n- Call in the second on-call /invite @bob\n# Mitigation\n- Roll back';

// A page for a new playbook, quick to fill in; the start dialog links to it.
export function NewPlaybook() {
    const store = React.useContext(StoreContext);
    const [title, setTitle] = React.useState('');
    const [isPublic, setPublic] = React.useState(false);
    const [text, setText] = React.useState('');
    const [told, setTold] = React.useState<{problem: boolean; text: string} | null>(null);
    const [saving, setSaving] = React.useState(false);
    const [offered, setOffered] = React.useState<Template[]>([]);
    const [chosen, setChosen] = React.useState('');
    const template = offered.find((one) => one.id === chosen);
    React.useEffect(() => {
        templates().then(setOffered, () => setOffered([]));
    }, []);
    function choose(id: string) {
        const one = offered.find((other) => other.id === id);
        setChosen(id);
        setText(one ? toText(one) : '');
        setTitle(one && one.checklists.length ? one.title : '');
    }
    async function save(event: React.FormEvent) {
        event.preventDefault();
        setSaving(true);
        const body = {
            title,
            team_id: store.getState().entities.teams.currentTeamId,
            description: '',
            create_public_incident: isPublic,
            checklists: described(parseStages(text), template),
            member_ids: [],
        };
        try {
            await createPlaybook(body);
            setTitle('');
            setText('');
            setTold({problem: false, text: 'Saved. /incident start offers it to you from now on.'});
        } catch (error) {
            setTold({problem: true, text: error instanceof Error ? error.message : String(error)});
        }
        setSaving(false);
    }
    return (
        <form className='ir-page' onSubmit={save}>
            <h2>New playbook</h2>
            <p>You are its first member: only members can start incidents from it.</p>
            <label>
                Begin with
                <select value={chosen} onChange={(event) => choose(event.target.value)} data-testid='template'>
                    {offered.map((one) => <option key={one.id} value={one.id}>{one.title}</option>)}
                </select>
            </label>
            <label>Title<input value={title} onChange={(event) => setTitle(event.target.value)} placeholder='Service outage' autoFocus={true}/></label>
            <label>Stages and tasks<textarea rows={12} value={text} onChange={(event) => setText(event.target.value)} placeholder={EXAMPLE}/></label>
            <small>A line with # opens a stage, every other line is a task. A /command at the end of a line is the task's slash command.</small>
            <label className='ir-inline'><input type='checkbox' checked={isPublic} onChange={(event) => setPublic(event.target.checked)}/>Incident channels are public</label>
            {told && <div className={told.problem ? 'ir-problem' : 'ir-fine'} role='alert'>{told.text}</div>}
            <button className='ir-primary' type='submit' disabled={saving}>Save playbook</button>
        </form>
    );
}
