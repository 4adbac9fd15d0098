import { it } from 'vitest';
import { delayTable } from '/work/main/shared/delay-table.ts';
import { armOf, presetStudy, trainRun } from '/work/main/test/fidelity/train.ts';
it('tf', async () => {
  const study = await presetStudy('nanda-2023');
  const base = armOf(study, 'transformer-mod113') as any;
  for (const [p, f, wd, lr, d, mlp, max] of [[31,.5,1,1e-3,64,256,4000],[31,.5,3,1e-3,64,256,4000],[41,.4,3,1e-3,64,256,4000],[53,.4,3,1e-3,64,256,3000],[31,.6,5,1e-3,128,512,3000]] as any) {
    const arm = structuredClone(base); arm.dataset.p=p; arm.dataset.trainFraction=f; arm.trainer.weightDecay=wd; arm.trainer.learningRate=lr; arm.model.dModel=d; arm.model.dMlp=mlp; arm.budget.maxEffort=max;
    const t = performance.now();
    const r = await trainRun(arm, 0, 2);
    const row = delayTable([r]).runs[0]!;
    const ta = r.curve.columns.testAccuracy!, e = r.curve.columns.effort!;
    const show = [100,200,500,1000,1500,2000,3000,4000].map(x=>{const i=e.indexOf(x); return i<0?'':x+':'+ta[i]!.toFixed(2)}).join(' ');
    console.log([p,f,wd,lr,d].join(' '), ((performance.now()-t)/1000).toFixed(1)+'s', row.fitStep, row.generalizationStep, row.finalTrainAccuracy, row.finalTestAccuracy, show);
  }
}, 600000);
