/** How a report looks, on a screen and on paper. Always light: its figures are. */
export const reportStyle = `
:root{color-scheme:light}
body{margin:0;background:#fff;color:#1b1f24;font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .6rem}
h2{font-size:1.2rem;margin:2.4rem 0 .7rem;padding-bottom:.25rem;border-bottom:1px solid #d5d9de}
h3{font-size:1.02rem;margin:1.4rem 0 .4rem}
h4,h5,h6{font-size:.95rem;margin:1.2rem 0 .3rem}
p,ul,ol,blockquote{max-width:46rem;margin:.5rem 0}
.question{font-size:1.1rem;color:#57606a}
a{color:#0b5cad}
code,pre{font-family:ui-monospace,"DejaVu Sans Mono",Consolas,monospace;font-size:.88em}
pre{padding:.7rem;background:#eef0f2;overflow-x:auto}
blockquote{margin-left:0;padding-left:.8rem;border-left:3px solid #d5d9de;color:#57606a}
figure{margin:1.2rem 0;padding:.9rem;border:1px solid #d5d9de;border-radius:6px;break-inside:avoid}
figure svg{display:block;max-width:100%;height:auto}
figcaption,caption{text-align:left;font-weight:600;padding-bottom:.3rem}
.note{max-width:none;margin:.25rem 0;color:#57606a;font-size:.82rem}
.fault{padding:.6rem .8rem;border:1px solid #8a5300;border-radius:6px;background:#fff4dd}
.scroll{overflow-x:auto;position:relative}
table{border-collapse:collapse;font-size:.85rem}
th,td{padding:.25rem .7rem .25rem 0;border-bottom:1px solid #d5d9de;text-align:left;vertical-align:top}
thead th{color:#57606a}
tbody th{font-weight:600;min-width:10rem}
details{margin-top:.5rem;font-size:.85rem}
details .scroll{max-height:24rem;overflow:auto}
.claims{padding:0;list-style:none}
.claims li{padding:.6rem 0;border-bottom:1px solid #d5d9de}
.claims p{margin:.15rem 0}
.holds{color:#176f30}.fails{color:#b42318}.not-enough-data{color:#57606a}
@media print{details:not([open]){display:none}main{padding:0;max-width:none}}
`.trim();
