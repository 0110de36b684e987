// The chat page that the sandbox serves. It brings React 16.13 and offers it to plugins on `window`.
import {defineConfig} from 'vite';

export default defineConfig({
    base: '/',
    build: {outDir: 'dist/page', emptyOutDir: true, target: 'es2019', sourcemap: false},
    define: {'process.env.NODE_ENV': '"production"'},
});
