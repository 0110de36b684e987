import React from 'react';
import {useDispatch, useSelector} from 'react-redux';

import {api} from '../api';
import {formatText} from '../markdown';
import {Element, OpenDialog, State} from '../types';
import {Modal} from './modal';

// The interactive dialog that this tab has asked for.
export function DialogModal() {
    const {triggerId, dialog} = useSelector((state: State) => state.entities.integrations);
    if (!dialog || dialog.trigger_id !== triggerId) {
        return null;
    }
    return <DialogForm key={triggerId} open={dialog}/>;
}

function DialogForm({open}: {open: OpenDialog}) {
    const dispatch = useDispatch();
    const {teams, channels} = useSelector((state: State) => state.entities);
    const [values, setValues] = React.useState<Record<string, any>>(
        () => Object.fromEntries(open.dialog.elements.map((element) => [element.name, element.default || ''])));
    const [errors, setErrors] = React.useState<Record<string, string>>({});
    const [general, setGeneral] = React.useState('');
    const [sending, setSending] = React.useState(false);
    const close = () => dispatch({type: 'CLOSE_DIALOG'});
    const payload = (cancelled: boolean) => ({
        url: open.url,
        callback_id: open.dialog.callback_id,
        state: open.dialog.state,
        channel_id: channels.currentChannelId,
        team_id: teams.currentTeamId,
        ...(cancelled ? {cancelled} : {submission: values, cancelled}),
    });
    async function submit(event: React.FormEvent) {
        event.preventDefault();
        const missing = Object.fromEntries(open.dialog.elements.map((element) => [element.name, check(element, values[element.name])]).filter(([, text]) => text));
        setErrors(missing);
        if (Object.keys(missing).length) {
            return;
        }
        setSending(true);
        try {
            const answer = await api('POST', '/actions/dialogs/submit', payload(false));
            if (!answer.error && !answer.errors) {
                close();
                return;
            }
            setErrors(answer.errors || {});
            setGeneral(answer.error || '');
        } catch (error) {
            setGeneral(error instanceof Error ? error.message : String(error));
        }
        setSending(false);
    }
    function cancel() {
        if (open.dialog.notify_on_cancel) {
            api('POST', '/actions/dialogs/submit', payload(true)).catch(() => undefined);
        }
        close();
    }
    return (
        <Modal title={open.dialog.title} onClose={cancel}>
            <form onSubmit={submit} noValidate={true}>
                {open.dialog.introduction_text && <div className='intro' dangerouslySetInnerHTML={{__html: formatText(open.dialog.introduction_text)}}/>}
                {open.dialog.elements.map((element) => (
                    <Field
                        key={element.name}
                        element={element}
                        value={values[element.name]}
                        error={errors[element.name]}
                        onChange={(value) => setValues({...values, [element.name]: value})}
                    />
                ))}
                {general && <div className='problem' role='alert'>{general}</div>}
                <footer>
                    <button type='button' className='secondary' onClick={cancel}>Cancel</button>
                    <button type='submit' className='primary' disabled={sending}>{open.dialog.submit_label || 'Submit'}</button>
                </footer>
            </form>
        </Modal>
    );
}

// The limits that Mattermost's own client enforces before it submits.
function check(element: Element, value: any): string {
    const text = typeof value === 'string' ? value.trim() : value;
    if (!text && text !== false) {
        return element.optional ? '' : 'This field is required.';
    }
    if (typeof text === 'string' && element.min_length && text.length < element.min_length) {
        return `Must have at least ${element.min_length} characters.`;
    }
    return '';
}

function Field({element, value, error, onChange}: {element: Element; value: any; error?: string; onChange: (value: any) => void}) {
    const id = `field-${element.name}`;
    const common = {id, name: element.name, value: value || '', 'aria-invalid': Boolean(error), placeholder: element.placeholder};
    const limit = element.max_length || undefined;
    const changed = (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) => onChange(event.target.value);
    return (
        <div className={`field ${error ? 'wrong' : ''}`}>
            <label htmlFor={id}>{element.display_name}{element.optional && <span> (optional)</span>}</label>
            {element.type === 'textarea' && <textarea rows={3} maxLength={limit} {...common} onChange={changed}/>}
            {element.type === 'text' && <input type={element.subtype || 'text'} maxLength={limit} autoComplete='off' {...common} onChange={changed}/>}
            {(element.type === 'select' || element.type === 'radio') && (
                <select {...common} onChange={changed}>
                    <option value=''>Choose…</option>
                    {(element.options || []).map((option) => <option key={option.value} value={option.value}>{option.text}</option>)}
                </select>
            )}
            {element.type === 'bool' && <input type='checkbox' id={id} checked={value === true || value === 'true'} onChange={(event) => onChange(event.target.checked)}/>}
            {element.help_text && <small>{element.help_text}</small>}
            {error && <small className='error' role='alert'>{error}</small>}
        </div>
    );
}
