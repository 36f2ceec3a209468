// The build of the console: the same sources always give the same bytes, which are committed.

import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const SERVER = process.env.SESERAGI ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [vue()],
  build: {
    target: 'es2022',
    assetsDir: 'console',
    // A data URL would need its own permission in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  define: { __VUE_OPTIONS_API__: false, __VUE_PROD_DEVTOOLS__: false },
  server: {
    proxy: {
      '/api': SERVER,
      '/files': SERVER,
      '/identicon': SERVER,
      '/streaming': { target: SERVER, ws: true },
    },
  },
});
