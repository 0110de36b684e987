// The store, for components that dispatch actions which need all of it.

import React from 'react';

import {Store} from '../actions';

export const StoreContext = React.createContext<Store>(null as any);
