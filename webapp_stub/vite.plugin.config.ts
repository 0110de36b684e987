// The plugin's bundle: one script that registers itself, the same for the sandbox and for Mattermost's web client.
// React and its companions come from `window`, as Mattermost's own plugins take them.
import {defineConfig} from 'vite';

const globals = {
    react: 'React',
    'react-dom': 'ReactDOM',
    redux: 'Redux',
    'react-redux': 'ReactRedux',
    'prop-types': 'PropTypes',
};

export default defineConfig({
    build: {
        outDir: 'dist/plugin',
        emptyOutDir: true,
        target: 'es2019',
        sourcemap: false,
        lib: {entry: 'src/plugin/index.tsx', formats: ['iife'], name: 'IncidentResponse', fileName: () => 'main.js'},
        rollupOptions: {external: Object.keys(globals), output: {globals}},
    },
    define: {'process.env.NODE_ENV': '"production"'},
});
