import React from 'react';

function Icon({size, d}: {size: number; d: string}) {
    return <svg width={size} height={size} viewBox='0 0 24 24' aria-hidden='true'><path fill='currentColor' d={d}/></svg>;
}

export const Shield = () => <Icon size={18} d='M12 2 4 5v6c0 5 3.4 9.7 8 11 4.600-1.300 8-6 8-11V5z'/>;
export const Lock = () => <Icon size={12} d='M17 9V7A5 5 0 0 0 7 7v2H5v13h14V9zM9 7a3 3 0 0 1 6 0v2H9z'/>;
export const Person = () => <Icon size={20} d='M14 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm0 2c-3 0-8 1.500-8 4.500V20h16v-1.500c0-3-5-4.500-8-4.500zM6 10V7H4v3H1v2h3v3h2v-3h3v-2z'/>;
