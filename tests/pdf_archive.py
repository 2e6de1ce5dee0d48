# SPDX-License-Identifier: GPL-3.0-or-later
"""PDF/A-2b (ISO 19005-2:2011) by its clauses, read by pikepdf (qpdf) and, where the clause is about bytes, from the bytes.
What a clause allows and our reports never use (forms, annotations, attachments, inline images, ...) is held to be absent.

    pdf_archive.py FILE...        each of them keeps every rule; the first is spoilt in many ways, each of which must be found"""
import io
import re
import struct
import sys
import xml.etree.ElementTree as ElementTree

import pikepdf
from PIL import ImageCms

OPERATORS = set("""b B b* B* BDC BMC BT BX c cm CS cs d d0 d1 Do DP EMC ET EX f F f* G g gs h i J j l M m MP n q Q re RG rg
ri s S SC sc SCN scn sh T* Tc Td TD Tf TJ Tj TL Tm Tr Ts Tw Tz v w W W* y ' \"""".split())
BLENDS = set("""Normal Compatible Multiply Screen Overlay Darken Lighten ColorDodge ColorBurn HardLight SoftLight Difference
Exclusion Hue Saturation Color Luminosity""".split())
NS = {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "dc": "http://purl.org/dc/elements/1.1/",
      "xmp": "http://ns.adobe.com/xap/1.0/", "pdf": "http://ns.adobe.com/pdf/1.3/", "pdfaid": "http://www.aiim.org/pdfa/ns/id/"}
XML = "{http://www.w3.org/XML/1998/namespace}"


class Broken(Exception):
    pass


def rule(clause, holds, what=""):
    if not holds:
        raise Broken(f"{clause}: {what}")


# --- 6.1: the bytes ---------------------------------------------------------------------------------------------------

def check_bytes(data):
    """Gives the file's objects as (number, bytes), their streams left out."""
    rule("6.1.2", re.match(rb"%PDF-1\.[0-7]\n%[\x80-\xff]{4}", data), "header and binary comment")
    rule("6.1.3", re.search(rb"\n%%EOF(\r\n|\r|\n)?\Z", data), "nothing behind the end")
    rule("6.1.3", data.count(b"%%EOF") == 1 and data.count(b"startxref") == 1, "one revision")
    table = int(re.search(rb"startxref\n(\d+)\n%%EOF", data)[1])
    head = re.match(rb"xref\n0 (\d+)\n", data[table:])
    rule("6.1.4", head, "table and its section's header, one line end between")
    n, at, starts = int(head[1]), table + head.end(), {}
    rule("6.1.4", data[at:at + 20] == b"0000000000 65535 f \n", "entry 0")
    for number in range(1, n):
        entry = re.fullmatch(rb"(\d{10}) 00000 n \n", data[at + 20 * number:at + 20 * number + 20])
        rule("6.1.4", entry, f"entry {number}")
        starts[number] = int(entry[1])
    rule("6.1.4", data[at + 20 * n:].startswith(b"trailer\n"), "the trailer behind the table")
    ends = dict(zip(sorted(starts.values()), sorted(starts.values())[1:] + [table]))
    objects = {}
    for number, start in starts.items():
        text = data[start:ends[start]]
        rule("6.1.9", text.startswith(b"%d 0 obj\n" % number) and text.endswith(b"\nendobj\n"), f"object {number}")
        rule("6.1.9", data[start - 1:start] in b"\r\n", f"a line end before object {number}")
        objects[number] = text
    for number, text in objects.items():
        objects[number] = check_stream(number, text, objects)
        for string in re.findall(rb"(?<!<)<([0-9A-Fa-f\s]*[^<>]*)>(?!>)", objects[number]):
            digits = re.sub(rb"\s", b"", string)
            rule("6.1.6", re.fullmatch(rb"[0-9A-Fa-f]*", digits) and len(digits) % 2 == 0, f"hex string of {number}")
    return objects


def check_stream(number, text, objects):
    start = re.search(rb">>\s*stream(\r\n|\n)", text)
    if not start:
        rule("6.1.7.1", b"stream" not in text, f"object {number}: a stream without its beginning")
        return text
    length = re.search(rb"/Length (\d+)( 0 R)?", text[:start.start()])
    n = int(length[1])
    if length[2]:
        n = int(re.fullmatch(rb"\d+ 0 obj\n\s*(\d+)\nendobj\n", objects[n])[1])
    rule("6.1.7.1", re.fullmatch(rb"(\r\n|\r|\n)endstream\nendobj\n", text[start.end() + n:]), f"length of stream {number}")
    return text[:start.start()] + b">>"


# --- All objects ------------------------------------------------------------------------------------------------------

def check_object(value, depth=0):
    rule("6.1.13", depth < 100, "depth")
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        rule("6.1.13", -2**31 <= value < 2**31, "integer")
    elif isinstance(value, pikepdf.String):
        rule("6.1.13", len(bytes(value)) <= 32767, "string")
    elif isinstance(value, pikepdf.Name):
        rule("6.1.13", len(str(value)) <= 128, "name")
        str(value).encode()  # 6.1.8: UTF-8
    elif isinstance(value, pikepdf.Array):
        for part in value:
            if not getattr(part, "is_indirect", False):
                check_object(part, depth + 1)
    elif isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        for key, part in value.items():
            rule("6.1.13", len(key) <= 128, key)
            if not getattr(part, "is_indirect", False):
                check_object(part, depth + 1)
        check_dictionary(value)


def check_dictionary(value):
    is_stream = isinstance(value, pikepdf.Stream)
    if is_stream:
        rule("6.1.7.1", not {"/F", "/FFilter", "/FDecodeParms"} & set(value.keys()), "a stream in another file")
        filters = value.get("/Filter", pikepdf.Array([]))
        for name in filters if isinstance(filters, pikepdf.Array) else [filters]:
            rule("6.1.7.2", name in ("/FlateDecode", "/DCTDecode"), f"filter {name}")
        value.read_bytes()
    rule("6.5.1", not {"/AA", "/OpenAction", "/JS", "/JavaScript"} & set(value.keys()), "an action")
    rule("6.8", "/EmbeddedFiles" not in value and "/AF" not in value and value.get("/Type") != "/Filespec", "an attachment")
    if value.get("/Type") == "/ExtGState" or {"/ca", "/CA", "/BM", "/SMask"} & set(value.keys()) and not is_stream:
        rule("6.2.5", not {"/TR", "/TR2", "/HTP", "/HT", "/BG", "/UCR"} & set(value.keys()), "transfer or halftone")
        rule("6.2.10", str(value.get("/BM", pikepdf.Name("/Normal")))[1:] in BLENDS, "blend mode")
    if value.get("/S") == "/Transparency":
        rule("6.2.10", value.get("/CS", pikepdf.Name("/DeviceRGB")) in ("/DeviceRGB", "/DeviceGray"), "group's colours")
    if value.get("/Subtype") == "/Image":
        rule("6.2.8", value.get("/Interpolate", False) is False, "interpolated picture")
        rule("6.2.8", not {"/Alternates", "/OPI"} & set(value.keys()), "alternate picture")
        rule("6.2.8", value.get("/BitsPerComponent", 1) in (1, 2, 4, 8, 16), "depth of picture")
        rule("6.2.4.3", "/ImageMask" in value or value.ColorSpace in ("/DeviceRGB", "/DeviceGray"), "colours of a picture")
    if value.get("/Subtype") == "/Form":
        rule("6.2.9", not {"/OPI", "/PS", "/Ref", "/Subtype2"} & set(value.keys()), "form")
        rule("6.2.2", "/Resources" in value, "a form's resources")
    if "/ShadingType" in value:
        rule("6.2.4.3", value.ColorSpace in ("/DeviceRGB", "/DeviceGray"), "colours of a shading")
    rule("6.2.9.3", value.get("/Subtype") != "/PS", "PostScript")


# --- Pages and what they draw -----------------------------------------------------------------------------------------

def check_page(page, used):
    left, bottom, right, top = (float(x) for x in page.MediaBox)
    rule("6.1.13", 3 <= right - left <= 14400 and 3 <= top - bottom <= 14400, "page size")
    rule("6.3", "/Annots" not in page, "annotations")
    rule("6.10", "/PresSteps" not in page, "steps of a presentation")
    rule("6.2.2", "/Resources" in page, "a page's resources")
    check_content(page, page.Resources, used)


def check_content(of, resources, used):
    depth, font = 0, None
    for operands, operator in pikepdf.parse_content_stream(of):
        name = str(operator)
        rule("6.2.2", name in OPERATORS, f"operator {name}")
        rule("6.2.4.3", name not in ("k", "K"), "CMYK")
        for operand in operands:
            check_object(operand)
        depth += (name == "q") - (name == "Q")
        rule("6.1.13", 0 <= depth <= 28, f"q within q: {depth}")
        if name in ("cs", "CS"):
            rule("6.2.4.3", operands[0] in ("/DeviceRGB", "/DeviceGray", "/Pattern"), f"colours {operands[0]}")
        if name == "ri":
            rule("6.2.6", str(operands[0])[1:] in ("RelativeColorimetric", "AbsoluteColorimetric", "Perceptual", "Saturation"), "")
        if name == "gs":
            rule("6.2.2", operands[0] in resources.ExtGState, "graphics state that is not there")
        if name == "Tf":
            font = resources.Font[operands[0]]
        if name in ("Tj", "TJ", "'", '"'):
            strings = operands[-1] if name == "TJ" else [operands[-1]]
            for string in strings:
                if isinstance(string, pikepdf.String):
                    used.setdefault(font.objgen, (font, set()))[1].update(codes(font, bytes(string)))
        if name == "Do":
            form = resources.XObject[operands[0]]
            if form.Subtype == "/Form":
                check_content(form, form.Resources, used)
    rule("6.2.2", depth == 0, "Q for each q")
    for _, pattern in resources.get("/Pattern", pikepdf.Dictionary()).items():
        if isinstance(pattern, pikepdf.Stream):
            check_content(pattern, pattern.Resources, used)


def codes(font, string):
    if font.Subtype == "/Type0":
        rule("6.2.11.3", len(string) % 2 == 0, "half a code")
        return struct.unpack(f">{len(string) // 2}H", string)
    return string


# --- Fonts ------------------------------------------------------------------------------------------------------------

class TrueType:
    def __init__(self, data):
        self.tables = {}
        for i in range(struct.unpack(">H", data[4:6])[0]):
            tag, _, offset, length = struct.unpack(">4sIII", data[12 + 16 * i:28 + 16 * i])
            self.tables[tag.decode()] = data[offset:offset + length]
            rule("6.2.11.4", offset + length <= len(data), "a font's table is cut")
        rule("6.2.11.4", {"glyf", "head", "hhea", "hmtx", "loca", "maxp"} <= set(self.tables), "a font's tables")
        self.units = struct.unpack(">H", self.tables["head"][18:20])[0]
        self.wide = struct.unpack(">H", self.tables["hhea"][34:36])[0]
        self.glyphs = struct.unpack(">H", self.tables["maxp"][4:6])[0]

    def width(self, glyph):
        at = 4 * min(glyph, self.wide - 1)
        return struct.unpack(">H", self.tables["hmtx"][at:at + 2])[0] * 1000 / self.units

    def maps(self):
        table = self.tables.get("cmap", bytes(4))
        return {struct.unpack(">HH", table[4 + 8 * i:8 + 8 * i]): struct.unpack(">I", table[8 + 8 * i:12 + 8 * i])[0]
                for i in range(struct.unpack(">H", table[2:4])[0])}

    def glyph(self, character):
        """By the (3, 1) map, format 4."""
        at = self.maps()[3, 1]
        table = self.tables["cmap"]
        form, _, _, twice = struct.unpack(">HHHH", table[at:at + 8])
        assert form == 4
        n = twice // 2
        def row(i):
            start = at + 14 + (2 * n * i + (2 if i else 0))
            return struct.unpack(f">{n}H", table[start:start + 2 * n]), start
        (ends, _), (starts, _), (deltas, _), (offsets, offsets_at) = row(0), row(1), row(2), row(3)
        for i in range(n):
            if starts[i] <= character <= ends[i]:
                if not offsets[i]:
                    return (character + deltas[i]) & 0xffff
                place = offsets_at + 2 * i + offsets[i] + 2 * (character - starts[i])
                glyph = struct.unpack(">H", table[place:place + 2])[0]
                return (glyph + deltas[i]) & 0xffff if glyph else 0
        return 0


def program(descriptor):
    rule("6.2.11.4.1", "/FontFile2" in descriptor, f"{descriptor.FontName} is not embedded")
    rule("6.2.11.4.2", "/CIDSet" not in descriptor and "/CharSet" not in descriptor, "a set of glyphs, which is not checked here")
    rule("6.2.11.2", descriptor.Type == "/FontDescriptor", "")
    data = descriptor.FontFile2.read_bytes()
    rule("6.2.11.2", int(descriptor.FontFile2.Length1) == len(data), "Length1")
    return TrueType(data)


def check_font(font, used):
    rule("6.2.11.2", font.Type == "/Font" and "/BaseFont" in font, "a font's keys")
    if font.Subtype == "/Type0":
        check_font_by_glyphs(font, used)
        return
    rule("6.2.11.2", font.Subtype == "/TrueType", f"font of kind {font.Subtype}")
    first, last, widths = int(font.FirstChar), int(font.LastChar), [float(w) for w in font.Widths]
    rule("6.2.11.2", len(widths) == last - first + 1, "Widths")
    flags = int(font.FontDescriptor.Flags)
    rule("6.2.11.6", flags & 32 and not flags & 4 and font.Encoding == "/WinAnsiEncoding", "a plain font's encoding")
    rule("6.2.11.2", font.FontDescriptor.FontName == font.BaseFont, "a font's two names")
    true_type = program(font.FontDescriptor)
    rule("6.2.11.6", (3, 1) in true_type.maps(), "a plain font's map")
    for code in used:
        glyph = true_type.glyph(ord(bytes([code]).decode("cp1252")))
        rule("6.2.11.8", 0 < glyph < true_type.glyphs, f"code {code} of {font.BaseFont} has no glyph")
        rule("6.2.11.5", first <= code <= last and abs(widths[code - first] - true_type.width(glyph)) <= 1, f"width of {code}")


def check_font_by_glyphs(font, used):
    rule("6.2.11.3.3", font.Encoding in ("/Identity-H", "/Identity-V"), "map of codes")
    rule("6.2.11.2", len(font.DescendantFonts) == 1, "")
    below = font.DescendantFonts[0]
    rule("6.2.11.2", below.Type == "/Font" and below.Subtype == "/CIDFontType2" and below.BaseFont == font.BaseFont, "")
    system = below.CIDSystemInfo
    rule("6.2.11.3.1", (str(system.Registry), str(system.Ordering), int(system.Supplement)) == ("Adobe", "Identity", 0), "")
    rule("6.2.11.3.2", below.get("/CIDToGIDMap") == "/Identity", "CIDToGIDMap")
    rule("6.2.11.2", below.FontDescriptor.FontName == font.BaseFont, "a font's two names")
    true_type = program(below.FontDescriptor)
    widths, w, i = {}, list(below.W), 0
    while i < len(w):
        for j, width in enumerate(w[i + 1]):
            widths[int(w[i]) + j] = float(width)
        i += 2
    for code in used:
        rule("6.2.11.8", 0 < code < true_type.glyphs, f"glyph {code} of {font.BaseFont}")
        rule("6.2.11.5", abs(widths.get(code, 1000) - true_type.width(code)) <= 1, f"width of glyph {code}")


# --- Colours, facts ---------------------------------------------------------------------------------------------------

def check_intent(root):
    rule("6.2.3", len(root.get("/OutputIntents", [])) == 1, "one output intent")
    intent = root.OutputIntents[0]
    rule("6.2.3", intent.S == "/GTS_PDFA1" and "/OutputConditionIdentifier" in intent, "output intent")
    profile = intent.DestOutputProfile
    data = profile.read_bytes()
    size, version, kind, colours = struct.unpack(">I4xI4s4s", data[:20])
    rule("6.2.4.2", size == len(data) and data[36:40] == b"acsp" and version >> 24 <= 4, "profile's head")
    rule("6.2.3", kind in (b"mntr", b"prtr") and colours == b"RGB " and int(profile.N) == 3, "profile's colours")
    ours = ImageCms.ImageCmsProfile(io.BytesIO(data))
    theirs = ImageCms.createProfile("sRGB")
    steps = range(0, 256, 15)
    from PIL import Image
    picture = Image.new("RGB", (len(steps)**2, len(steps)))
    picture.putdata([(r, g, b) for b in steps for r in steps for g in steps])
    changed = ImageCms.profileToProfile(picture, ours, theirs)
    most = max(abs(a - b) for p, q in zip(picture.getdata(), changed.getdata()) for a, b in zip(p, q))
    rule("6.2.3", most <= 2, f"the profile is not sRGB's: {most} of 255")


def check_facts(pdf):
    root = pdf.Root
    stream = root.get("/Metadata")
    rule("6.6.2.1", stream is not None and stream.Type == "/Metadata" and stream.Subtype == "/XML", "facts")
    rule("6.6.2.1", "/Filter" not in stream, "packed facts")
    text = stream.read_bytes().decode("utf-8")
    packet = re.match("<\\?xpacket begin=[\"']\ufeff[\"'] id=[\"']W5M0MpCehiHzreSzNTczkc9d[\"']\\?>", text)
    rule("6.6.2.1", packet and re.search(r"<\?xpacket end=['\"][rw]['\"]\?>\s*\Z", text), "packet without bytes or encoding")
    try:
        rdf = ElementTree.fromstring(text[packet.end():]).find("rdf:RDF", NS)
    except ElementTree.ParseError as why:
        raise Broken(f"6.6.2.1: {why}") from why
    descriptions = rdf.findall("rdf:Description", NS)
    rule("6.6.2.3", len(descriptions) == 1 and descriptions[0].get(f"{{{NS['rdf']}}}about") == "", "one description")
    found = {}
    for element in descriptions[0]:
        space, _, name = element.tag[1:].partition("}")
        prefix = {v: k for k, v in NS.items()}.get(space)
        rule("6.6.2.3", f"{prefix}:{name}" in ("pdfaid:part", "pdfaid:conformance", "dc:format", "dc:title", "xmp:CreatorTool",
                                               "xmp:CreateDate", "xmp:ModifyDate", "pdf:Producer"), element.tag)
        found[f"{prefix}:{name}"] = element
    rule("6.6.4", "pdfaid:part" in found and found["pdfaid:part"].text == "2", "part")
    rule("6.6.4", found["pdfaid:conformance"].text == "B", "conformance")
    titles = found["dc:title"].findall("rdf:Alt/rdf:li", NS)
    rule("6.6.2.3", [t.get(XML + "lang") for t in titles] == ["x-default"] and titles[0].text, "title")
    info = pdf.trailer.Info
    rule("Info", str(info.Title) == titles[0].text, "title")
    rule("Info", str(info.Creator) == found["xmp:CreatorTool"].text and str(info.Producer) == found["pdf:Producer"].text, "makers")
    for key, name in (("/CreationDate", "xmp:CreateDate"), ("/ModDate", "xmp:ModifyDate")):
        date = re.fullmatch(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z(?:00'00'?)?", str(info[key]))
        rule("Info", date and found[name].text == "{}-{}-{}T{}:{}:{}Z".format(*date.groups()), f"{key} {info[key]}")


def check(data):
    """The number of objects and of glyphs that were looked at; raises Broken."""
    check_bytes(data)
    used = {}
    with pikepdf.open(io.BytesIO(data)) as pdf:
        rule("6.1.3", "/Encrypt" not in pdf.trailer and len(pdf.trailer.get("/ID", [])) == 2, "identifier")
        rule("6.1.13", len(pdf.objects) < 8388607, "objects")
        root = pdf.Root
        rule("6.1.12", "/Perms" not in root, "permissions")
        rule("6.4", "/AcroForm" not in root, "a form")
        rule("6.9", "/OCProperties" not in root, "optional content")
        rule("6.10", "/Names" not in root or "/AlternatePresentations" not in root.Names, "presentations")
        rule("6.11", "/Requirements" not in root, "requirements")
        for value in pdf.objects:
            check_object(value)
        for page in pdf.pages:
            check_page(page.obj, used)
        rule("6.2.11", used, "no text at all")
        for font, codes_used in used.values():
            check_font(font, codes_used)
        check_intent(root)
        check_facts(pdf)
        rule("file", not pdf.check(), "qpdf complains")
        return len(pdf.objects), sum(len(c) for _, c in used.values())


SPOILS = [  # clause, what, by what of the same length
    ("6.1.2", rb"%PDF-1.5", b"%PDF-2.0"), ("6.1.2", rb"\n%[\x80-\xff]{4}", b"\n%abcd"),
    ("6.1.3", rb"/ID \[", b"/IX ["), ("6.1.3", rb"%%EOF\n\Z", b"%%EOF "),
    ("6.1.4", rb"xref\n0 ", b"xref 0\n"), ("6.1.7.1", rb"\nendstream", b" endstream"),
    ("6.1.7.2", rb"/FlateDecode", b"/LZWDecode\n "), ("6.1.9", rb"\nendobj", b" endobj"),
    ("6.2.3", rb"/OutputIntents", b"/OutputIntendz"), ("6.2.3", rb"/GTS_PDFA1", b"/GTS_PDFX1"), ("6.2.3", rb"/N 3", b"/N 4"),
    ("6.2.5", rb"<< /CA 1 /ca 1 >>", b"<< /CA 1 /TR /I>>"), ("6.2.10", rb"/CS /DeviceRGB", b"/CS /DeviceCMY"),
    ("6.2.11.4.1", rb"/FontFile2", b"/FontFileX"), ("6.2.11.3.2", rb"/CIDToGIDMap", b"/CIDToGIDMop"),
    ("6.2.11.6", rb"/WinAnsiEncoding", b"/PDFDocEncoding "), ("6.2.11.6", rb"/Flags 32", b"/Flags 36"),
    ("6.2.11.5", rb"/Widths \[ 348", b"/Widths [ 318"), ("6.2.11.5", rb"/W \[0 \[ 600 8", b"/W [0 [ 600 2"),
    ("6.2.11.3.3", rb"/Identity-H", b"/GBK-EUC-H "), ("6.6.2.1", rb"/Metadata (\d)", rb"/Metadota \1"), ("6.6.4", rb"<pdfaid:part>2", b"<pdfaid:part>3"),
    ("6.6.2.1", rb"<dc:format>", b"<dc:farmot>"),
    ("6.6.2.3", rb"<dc:format>(.*)</dc:format>", rb"<dc:formal>\1</dc:formal>"), ("Info", rb"\(D:20", b"(D:19"), ("Info", rb"CreatorTool>t", b"CreatorTool>T"),
    ("6.6.2.1", rb"<\?xpacket begin", b"<?xpockot begin"),
]


def main(paths):
    for path in paths:
        data = open(path, "rb").read()
        try:
            objects, glyphs = check(data)
        except Broken as why:
            sys.exit(f"{path}: {why}")
        print(f"{path}: PDF/A-2b in every rule ({objects} objects, {glyphs} glyphs)")
    data, found = open(paths[0], "rb").read(), 0
    for clause, what, by in SPOILS:
        spoilt, n = re.subn(what, by, data, count=1)
        assert n == 1 and len(spoilt) == len(data), (clause, what, n)
        try:
            check(spoilt)
        except Broken as why:
            assert str(why).startswith(clause), (clause, what, str(why))
        except (pikepdf.PdfError, KeyError, AttributeError, ValueError, TypeError) as why:
            assert False, (clause, what, repr(why))
        else:
            sys.exit(f"spoilt ({clause}, {what}), and not found")
        found += 1
    print(f"{found} spoilt files refused by the right clause")


main(sys.argv[1:])
