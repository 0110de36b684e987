// One style sheet, put into the page when the plugin is loaded; colours follow Mattermost's theme variables.

const CSS = `
.ir-rhs{display:flex;flex-direction:column;height:100%;font-size:14px;color:var(--center-channel-color,#3f4350);background:var(--center-channel-bg,#fff)}
.ir-rhs *{box-sizing:border-box}
.ir-body{flex:1;overflow-y:auto;padding:20px}
.ir-head{display:flex;align-items:flex-start;justify-content:space-between;gap:12px;margin-bottom:14px}
.ir-title{font-size:18px;line-height:24px;font-weight:600;margin:0;overflow-wrap:anywhere}
.ir-badge{flex:none;font-size:11px;font-weight:700;letter-spacing:.4px;text-transform:uppercase;border-radius:4px;padding:3px 8px;margin-top:2px}
.ir-ongoing{background:#d24b4e;color:#fff}
.ir-ended{background:rgba(63,67,80,.12);color:rgba(63,67,80,.8)}
.ir-facts{display:flex;flex-wrap:wrap;gap:8px 28px;margin:0 0 12px}
.ir-facts dt{font-size:12px;font-weight:400;opacity:.64;margin:0}
.ir-facts dd{margin:2px 0 0;font-weight:600;font-variant-numeric:tabular-nums}
.ir-bar{height:4px;border-radius:2px;background:rgba(63,67,80,.12);overflow:hidden;margin-bottom:20px}
.ir-bar div{height:100%;background:#3db887;transition:width .2s}
.ir-stage{margin-bottom:20px}
.ir-stage h3{display:flex;align-items:center;gap:8px;font-size:13px;font-weight:600;margin:0 0 8px;padding-bottom:6px;border-bottom:1px solid rgba(63,67,80,.12)}
.ir-now{font-size:10px;text-transform:uppercase;letter-spacing:.4px;color:var(--button-bg,#1c58d9);background:rgba(28,88,217,.08);border-radius:4px;padding:2px 6px}
.ir-count{margin-left:auto;font-weight:400;opacity:.64}
.ir-stage ul,.ir-list{list-style:none;margin:0;padding:0}
.ir-task{display:flex;gap:12px;padding:8px 0}
.ir-check{flex:none;display:flex;align-items:center;justify-content:center;width:20px;height:20px;margin-top:1px;padding:0;border:2px solid rgba(63,67,80,.32);border-radius:4px;background:none;color:#fff;cursor:pointer;position:relative}
.ir-check::after{content:'';position:absolute;inset:-12px}
.ir-check:hover{border-color:var(--button-bg,#1c58d9)}
.ir-check:focus-visible,.ir-rhs button:focus-visible{outline:2px solid var(--button-bg,#1c58d9);outline-offset:2px}
.ir-closed .ir-check{background:#3db887;border-color:#3db887}
.ir-what{min-width:0;flex:1;overflow-wrap:anywhere}
.ir-what p{margin:0}
.ir-name{line-height:20px}
.ir-skipped .ir-check{background:rgba(63,67,80,.12)}
.ir-link{border:0;background:none;padding:4px 2px;color:var(--button-bg,#1c58d9);font-size:12px;font-weight:600;cursor:pointer}
.ir-skip{flex:none;align-self:flex-start;opacity:0;padding:2px}
.ir-task:hover .ir-skip,.ir-skip:focus-visible{opacity:1}
@media (hover:none){.ir-skip{opacity:.64;padding:8px}}
.ir-closed .ir-name,.ir-skipped .ir-name{opacity:.64;text-decoration:line-through}
.ir-desc{font-size:12px;line-height:18px;opacity:.72;margin-top:2px}
.ir-command{display:inline-block;font-size:12px;background:rgba(63,67,80,.08);color:inherit;border-radius:4px;padding:1px 6px;margin-top:4px}
.ir-run{display:flex;align-items:center;gap:8px;flex-wrap:wrap}
.ir-run button{border:0;background:none;padding:4px 0;color:var(--button-bg,#1c58d9);font-size:12px;font-weight:600;cursor:pointer;margin-top:4px}
.ir-when{font-size:11px;opacity:.56;margin-top:2px}
.ir-foot{display:flex;gap:8px;flex:none;padding:14px 20px;border-top:1px solid rgba(63,67,80,.12)}
.ir-primary,.ir-secondary{width:100%;border:0;border-radius:4px;padding:10px 16px;font-size:14px;font-weight:600;cursor:pointer}
.ir-primary{background:var(--button-bg,#1c58d9);color:var(--button-color,#fff)}
.ir-secondary{background:rgba(28,88,217,.08);color:var(--button-bg,#1c58d9)}
.ir-small{width:auto;padding:6px 12px;font-size:12px;flex:none}
.ir-problem{background:rgba(210,75,78,.12);color:#a32d30;padding:10px 20px;font-size:13px}
.ir-fine{background:rgba(61,184,135,.14);color:#1e6b4b;padding:10px 20px;font-size:13px}
.ir-notice{background:rgba(28,88,217,.08);padding:14px 20px;font-size:13px;line-height:18px}
.ir-notice p{margin:6px 0}
.ir-choice{display:block;width:100%;text-align:left;font:inherit;color:inherit;background:var(--center-channel-bg,#fff);border:1px solid rgba(63,67,80,.24);border-radius:4px;padding:8px 12px;margin-top:6px;cursor:pointer}
.ir-choice:hover{border-color:var(--button-bg,#1c58d9)}
.ir-empty{opacity:.64;margin:4px 0 0;line-height:20px}
.ir-row{display:block;width:100%;text-align:left;border:1px solid rgba(63,67,80,.16);border-radius:4px;background:none;color:inherit;padding:12px 14px;margin-bottom:8px;cursor:pointer;font-size:14px}
.ir-row:hover{border-color:var(--button-bg,#1c58d9)}
.ir-row strong{display:block;overflow-wrap:anywhere}
.ir-row span{font-size:12px;opacity:.72}
.ir-page{max-width:640px;margin:0 auto;padding:32px 24px;display:flex;flex-direction:column;gap:14px;color:var(--center-channel-color,#3f4350)}
.ir-page h2,.ir-page p{margin:0}
.ir-page label{display:flex;flex-direction:column;gap:6px;font-weight:600}
.ir-page input:not([type=checkbox]),.ir-page textarea,.ir-page select{font:inherit;font-weight:400;color:inherit;background:none;border:1px solid rgba(63,67,80,.24);border-radius:4px;padding:9px 12px}
.ir-page .ir-inline{flex-direction:row;align-items:center}
.ir-page .ir-primary{align-self:flex-start;width:auto}
`;

export function addStyles(): void {
    const style = document.createElement('style');
    style.id = 'incident-response-styles';
    style.textContent = CSS;
    document.head.appendChild(style);
}
