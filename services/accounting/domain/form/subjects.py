"""What things are called that no factor of the library is called after.

Products and materials have factors that are called after what they tell; what carbon works move is
called as the formulas of their guide call it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.accounting.domain.activity import INSTRUMENTS, ORIGINS
from services.kernel.errors import Words

NAMES: Final[Mapping[str, Words]] = {
    "electricity": Words(
        en="electricity, of the grid or of unknown origin", zh="电力（电网或来源不明）"
    ),
    "electricity-non-fossil": Words(en="non-fossil electricity", zh="非化石能源电力"),
    "electricity-fossil": Words(en="fossil electricity", zh="化石能源电力"),
    "heat": Words(en="heat", zh="热力"),
    "heat-non-fossil": Words(en="non-fossil heat", zh="非化石能源热力"),
    "green-power-trade": Words(en="green-power trade", zh="绿电交易"),
    "green-certificate": Words(en="green-power certificate", zh="绿证"),
    "raw-coal": Words(en="raw coal", zh="原煤"),
    "industrial-waste": Words(en="industrial waste", zh="工业废物"),
    "methanol": Words(en="methanol", zh="甲醇"),
    "ammonia": Words(en="ammonia", zh="合成氨"),
    "ethylene": Words(en="ethylene", zh="乙烯"),
    "propylene": Words(en="propylene", zh="丙烯"),
    "urea": Words(en="urea", zh="尿素"),
    "calcium-carbide": Words(en="calcium carbide", zh="电石"),
    "industrial-silicon": Words(en="industrial silicon", zh="工业硅"),
    "aluminium": Words(en="electrolytic aluminium", zh="电解铝"),
    "adipic-acid": Words(en="adipic acid", zh="己二酸"),
    "desulphurisation-agent": Words(en="desulphurisation agent", zh="脱硫剂"),
    "nitric-acid-high-pressure": Words(en="nitric acid, high pressure", zh="硝酸（高压法）"),
    "nitric-acid-medium-pressure": Words(en="nitric acid, medium pressure", zh="硝酸（中压法）"),
    "nitric-acid-low-pressure": Words(en="nitric acid, low pressure", zh="硝酸（低压法）"),
    "nitric-acid-atmospheric-pressure": Words(
        en="nitric acid, atmospheric pressure", zh="硝酸（常压法）"
    ),
    "nitric-acid-dual-pressure": Words(en="nitric acid, dual pressure", zh="硝酸（双加压法）"),
    "nitric-acid-combined": Words(en="nitric acid, combined process", zh="硝酸（综合法）"),
    "green-coke": Words(en="green coke", zh="生焦"),
    "calcined-coke": Words(en="calcined coke", zh="煅后焦"),
    "calcination-undersize": Words(en="undersize of calcination", zh="煅烧细料"),
    "calcination-dust": Words(en="dust of calcination", zh="煅烧粉尘"),
    "green-anode": Words(en="green anode", zh="生坯"),
    "packing-coke": Words(en="packing coke", zh="填充料"),
    "baked-anode": Words(en="baked anode", zh="焙烧品（阳极）"),
    "baking-residue": Words(en="residue of baking", zh="焙烧残余料"),
    "baked-block": Words(en="baked block", zh="焙烧品"),
    "insulation-coke": Words(en="insulation coke", zh="保温料"),
    "graphitised-block": Words(en="graphitised block", zh="石墨化品"),
    "graphitisation-residue": Words(en="residue of graphitisation", zh="石墨化残余料"),
    "co2": Words(en="carbon dioxide", zh="二氧化碳"),
    "ch4": Words(en="methane", zh="甲烷"),
    "n2o": Words(en="nitrous oxide", zh="氧化亚氮"),
    "sf6": Words(en="sulphur hexafluoride", zh="六氟化硫"),
    "nf3": Words(en="nitrogen trifluoride", zh="三氟化氮"),
    "cf4": Words(en="tetrafluoromethane", zh="四氟化碳"),
    "c2f6": Words(en="hexafluoroethane", zh="六氟乙烷"),
    "hfc23": Words(en="HFC-23", zh="HFC-23（三氟甲烷）"),
    "hfc32": Words(en="HFC-32", zh="HFC-32（二氟甲烷）"),
    "hfc125": Words(en="HFC-125", zh="HFC-125（五氟乙烷）"),
    "hfc134a": Words(en="HFC-134a", zh="HFC-134a（1,1,1,2-四氟乙烷）"),
    "hfc143a": Words(en="HFC-143a", zh="HFC-143a（1,1,1-三氟乙烷）"),
    "hfc152a": Words(en="HFC-152a", zh="HFC-152a（1,1-二氟乙烷）"),
    "hfc227ea": Words(en="HFC-227ea", zh="HFC-227ea（1,1,1,2,3,3,3-七氟丙烷）"),
    "hfc236fa": Words(en="HFC-236fa", zh="HFC-236fa（1,1,1,3,3,3-六氟丙烷）"),
}

assert {*ORIGINS["electricity"], *ORIGINS["heat"], *INSTRUMENTS} <= set(NAMES)
