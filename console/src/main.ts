// The console: a client of the stream that shows what it gets, and how.

import { createApp } from 'vue';
import App from './App.vue';
import './style/index.css';

createApp(App).mount('#app');
