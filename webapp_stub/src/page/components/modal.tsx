import React from 'react';

export function Modal({title, onClose, children}: {title: string; onClose: () => void; children: React.ReactNode}) {
    const box = React.useRef<HTMLDivElement>(null);
    React.useEffect(() => {
        const first = box.current && box.current.querySelector<HTMLElement>('input, select, textarea, button.primary');
        if (first) {
            first.focus();
        }
        const close = (event: KeyboardEvent) => event.key === 'Escape' && onClose();
        window.addEventListener('keydown', close);
        return () => window.removeEventListener('keydown', close);
    }, []);
    return (
        <div className='modal-veil' onMouseDown={(event) => event.target === event.currentTarget && onClose()}>
            <div className='modal' role='dialog' aria-modal='true' aria-label={title} ref={box}>
                <header><h2>{title}</h2><button className='icon' aria-label='Close' onClick={onClose}>✕</button></header>
                {children}
            </div>
        </div>
    );
}
