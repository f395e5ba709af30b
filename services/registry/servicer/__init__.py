"""The registry's servicers, one module a noun, and who may call which method."""

from __future__ import annotations

from services.registry.servicer.change import Changes
from services.registry.servicer.custom_factor import CustomFactors
from services.registry.servicer.enterprise import Enterprises
from services.registry.servicer.factor import Factors
from services.registry.servicer.principal import Principals, authenticator, bootstrap
from services.registry.servicer.site import Sites
from services.registry.servicer.unit import Units
from services.registry.servicer.zone import Zones
from services.runtime import auth
from services.runtime.database import Database

_REGISTRY = "/zonecarbon.registry.v1.RegistryService/"
_FACTORS = "/zonecarbon.registry.v1.FactorService/"
_CUSTOM_FACTORS = "/zonecarbon.registry.v1.CustomFactorService/"
_PRINCIPALS = "/zonecarbon.registry.v1.PrincipalService/"
_UNITS = "/zonecarbon.registry.v1.UnitService/"

ACCESS: auth.Access = {
    _REGISTRY + "CreateZone": auth.ADMINISTRATORS,
    _REGISTRY + "GetZone": auth.OFFICE_READERS,
    _REGISTRY + "ListZones": auth.OFFICE_READERS,
    _REGISTRY + "CreateEnterprise": auth.OFFICE,
    _REGISTRY + "GetEnterprise": auth.ANYONE,
    _REGISTRY + "ListEnterprises": auth.ANYONE,
    _REGISTRY + "UpdateEnterprise": auth.OFFICE,
    _REGISTRY + "ChangeCreditCode": auth.OFFICE,
    _REGISTRY + "MergeEnterprise": auth.OFFICE,
    _REGISTRY + "CreateFacility": auth.REPORTERS,
    _REGISTRY + "GetFacility": auth.ANYONE,
    _REGISTRY + "ListFacilities": auth.ANYONE,
    _REGISTRY + "CreateMeter": auth.REPORTERS,
    _REGISTRY + "GetMeter": auth.ANYONE,
    _REGISTRY + "ListMeters": auth.ANYONE,
    _REGISTRY + "CreateCounterparty": auth.REPORTERS,
    _REGISTRY + "GetCounterparty": auth.ANYONE,
    _REGISTRY + "ListCounterparties": auth.ANYONE,
    _REGISTRY + "ListChanges": auth.FOLLOWERS,
    _REGISTRY + "GetNewestRevision": auth.ANYONE,
    _FACTORS + "ImportFactors": auth.ADMINISTRATORS,
    _FACTORS + "ListFactorSets": auth.ANYONE,
    _FACTORS + "GetFactor": auth.ANYONE,
    _FACTORS + "ListFactors": auth.ANYONE,
    _FACTORS + "ResolveFactors": auth.ANYONE,
    _CUSTOM_FACTORS + "CreateCustomFactor": auth.REPORTERS,
    _CUSTOM_FACTORS + "GetCustomFactor": auth.ANYONE,
    _CUSTOM_FACTORS + "ListCustomFactors": auth.ANYONE,
    _CUSTOM_FACTORS + "ApproveCustomFactor": auth.REPORTERS,
    _CUSTOM_FACTORS + "RejectCustomFactor": auth.REPORTERS,
    _CUSTOM_FACTORS + "RetireCustomFactor": auth.REPORTERS,
    _PRINCIPALS + "GetCaller": auth.ANYONE,
    _PRINCIPALS + "CreatePrincipal": auth.ADMINISTRATORS,
    _PRINCIPALS + "CreateKey": auth.ADMINISTRATORS,
    _PRINCIPALS + "RetireKey": auth.ADMINISTRATORS,
    _UNITS + "ListUnits": auth.ANYONE,
    _UNITS + "ConvertQuantity": auth.ANYONE,
}


class Registry(Zones, Enterprises, Sites, Changes):
    """RegistryService: each noun in a module of its own."""

    def __init__(self, database: Database) -> None:
        Zones.__init__(self, database)


__all__ = [
    "ACCESS",
    "CustomFactors",
    "Factors",
    "Principals",
    "Registry",
    "Units",
    "authenticator",
    "bootstrap",
]
