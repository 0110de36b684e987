import React from 'react';

export const Shield = () => (
    <svg width='18' height='18' viewBox='0 0 24 24' aria-hidden='true'>
        <path fill='currentColor' d='M12 2 4 5v6c0 5 3.4 9.7 8 11 4.600-1.300 8-6 8-11V5l-8-3zm0 2.100 6 2.300V11c0 3.900-2.500 7.600-6 8.900V4.100z'/>
    </svg>
);

export const Tick = () => (
    <svg width='12' height='12' viewBox='0 0 12 12' aria-hidden='true'>
        <path fill='none' stroke='currentColor' strokeWidth='2' strokeLinecap='round' strokeLinejoin='round' d='M2 6.500 5 9l5-6'/>
    </svg>
);
