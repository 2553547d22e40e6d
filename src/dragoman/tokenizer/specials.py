"""The pieces that are not text: their names and where they stand in every vocabulary of ours.

A vocabulary of V pieces is

    0        1       2        3 .. 258            259 .. V-101       V-100 .. V-1
    <pad>    </s>    <unk>    <0x00> .. <0xFF>    learned pieces     <extra_id_99> .. <extra_id_0>

Bytes spell what no learned piece covers. Sentinels count downwards, as T5's do (Raffel et al., 2020).
"""

PAD, EOS, UNK = "<pad>", "</s>", "<unk>"
PAD_ID, EOS_ID, UNK_ID = 0, 1, 2
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
SENTINELS = [f"<extra_id_{k}>" for k in range(100)]
FIRST_BYTE_ID = 3
SMALLEST = FIRST_BYTE_ID + len(BYTES) + len(SENTINELS)  # pieces before any is learned
SPACE = "▁"  # U+2581 stands for a space inside pieces

LITERALS = frozenset([PAD, EOS, UNK, *BYTES, *SENTINELS])
