"""Makes the archives beside this file: python3 make_golden.py

plain.pt, network.pt and tensors.pt come from torch.save (recorded with PyTorch 1.13);
torch2_layout.pt is put together by hand with the entries that PyTorch 2.x adds. The
values are what tests/test_archive.c expects.
"""

import collections
import os
import struct
import zipfile

import torch

HERE = os.path.dirname(os.path.abspath(__file__))


def filled(*shape, dtype=torch.float32):
    count = 1
    for size in shape:
        count *= size
    return torch.tensor([(i % 17 - 8) / 16 for i in range(count)], dtype=dtype).reshape(shape)


def save(value, name):
    # PyTorch names the top folder after the file
    torch.save(value, os.path.join(HERE, name))


def plain():
    return {
        "none": None, "true": True, "false": False,
        "byte": 200, "short": 1000, "int": -5, "long": 2**40, "longest": -(2**63),
        "float": 0.1, "text": "Famiglia \u00e8 \u20ac", "empty": "",
        "list": [1, [2.5, "x"]], "tuple": (1, 2), "long_tuple": (1, 2, 3, 4),
        "empty_dict": {}, "empty_list": [], "empty_tuple": (),
        "by_number": {0: "zero", -3: "minus three"},
        "same": [["shared"]] * 2,
        "ordered": collections.OrderedDict(b=1, a=2),
    }


def network():
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Tanh(), torch.nn.Linear(2, 1))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(filled(*parameter.shape))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.0003)
    state = model.state_dict()
    saved = {key: value.clone() for key, value in state.items()}
    model(torch.ones(4, 3)).sum().backward()
    optimizer.step()
    for key, value in saved.items():  # the step is for the optimizer's state only
        state[key].copy_(value)
    for slot in optimizer.state.values():
        slot["exp_avg"].copy_(filled(*slot["exp_avg"].shape))
    return {"policy_network_state_dict": state, "optimizer_state_dict": optimizer.state_dict()}


def tensors():
    base = torch.arange(12, dtype=torch.float32)
    return {
        "scalar": torch.tensor(2.5),
        "doubles": torch.tensor([0.1, -1e300], dtype=torch.float64),
        "integers": torch.tensor([[1, -2], [2**62, -(2**63)]]),
        "transposed": base.reshape(3, 4).t(),
        "part": base[4:8],
        "steps": base[1::3],
        "permuted": base.reshape(2, 3, 2).permute(2, 0, 1),
        "empty": torch.empty(0, 3),
        "requires_grad": torch.ones(1, requires_grad=True),
        "twice": [base, base],
    }


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def torch2_layout():
    """What PyTorch 2.x writes for {"weight": torch.tensor([1., 2., 3.])}."""
    pickle = (
        b"\x80\x02}q\x00" + text("weight") + b"q\x01ctorch._utils\n_rebuild_tensor_v2\nq\x02(("
        + text("storage") + b"q\x03ctorch\nFloatStorage\nq\x04" + text("0") + b"q\x05"
        + text("cpu") + b"q\x06K\x03tq\x07QK\x00K\x03\x85q\x08K\x01\x85q\x09\x89"
        b"ccollections\nOrderedDict\nq\x0a)Rq\x0btq\x0cRq\x0ds."
    )
    entries = [
        ("data.pkl", pickle),
        (".format_version", b"1"),
        (".storage_alignment", b"64"),
        ("byteorder", b"little"),
        ("data/0", struct.pack("<3f", 1, 2, 3)),
        ("version", b"3\n"),
        (".data/serialization_id", b"0636067827283307322800000000000000000000"),
    ]
    with zipfile.ZipFile(os.path.join(HERE, "torch2_layout.pt"), "w") as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo("torch2_layout/" + name), data)


if __name__ == "__main__":
    save(plain(), "plain.pt")
    save(network(), "network.pt")
    save(tensors(), "tensors.pt")
    torch2_layout()
