"""Principal components by the singular value decomposition, in NumPy float64: prints JSON. The table is a formula, so that the test
can make the same one. A component's sign makes its largest loading positive.

    python3 principal_components.py > principal_components.json
"""
import json

import numpy as np

cases = []
for rows, width in [(9, 4), (4, 9)]:
    x = np.array([np.sin(1.7 * i + 0.3 * (i % 5) ** 2) for i in range(rows * width)]).reshape(rows, width)
    u, s, vt = np.linalg.svd(x - x.mean(0), full_matrices=False)
    sign = np.sign(vt[np.arange(len(vt)), np.abs(vt).argmax(1)])
    scores = (u * s * sign)[:, :3]
    cases.append({"rows": rows, "width": width, "scores": scores.ravel().tolist(), "shares": (s**2 / (s**2).sum())[:3].tolist()})
print(json.dumps(cases))
