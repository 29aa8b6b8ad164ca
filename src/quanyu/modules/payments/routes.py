"""HTTP: merchants, payments, refunds, bills and differences."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.errors import NotFound
from quanyu.modules.payments import lists
from quanyu.modules.payments.contracts import (
    AskedRefund,
    AskRefund,
    BillKind,
    Bills,
    ConnectMerchant,
    CreatePayment,
    Difference,
    DifferenceFilter,
    DifferencePage,
    DifferenceState,
    Invocation,
    ListFilter,
    Merchant,
    MerchantChecks,
    Merchants,
    Payment,
    PaymentDetail,
    PaymentPage,
    RefundPage,
    ResolveDifference,
    StartAttempt,
)
from quanyu.modules.payments.rules import PaymentState, RefundState
from quanyu.modules.payments.service import (
    Payments,
    read_difference_id,
    read_merchant_id,
    read_payment_id,
    read_refund_id,
)

Limit = Annotated[int, Query(ge=1, le=200)]


def _wanted(
    merchant: str | None = None, number: Annotated[str | None, Query(max_length=80)] = None
) -> ListFilter:
    return ListFilter(
        merchant=read_merchant_id(merchant) if merchant else None, number=(number or "").strip() or None
    )


def _wanted_differences(
    state: DifferenceState | None = None, merchant: str | None = None, day: date | None = None
) -> DifferenceFilter:
    return DifferenceFilter(state=state, merchant=read_merchant_id(merchant) if merchant else None, day=day)


Wanted = Annotated[ListFilter, Depends(_wanted)]
WantedDifferences = Annotated[DifferenceFilter, Depends(_wanted_differences)]


def router(payments: Payments) -> APIRouter:
    """Return the routes under ``/api/v1/payments``."""
    routes = APIRouter(prefix="/api/v1/payments", tags=["payments"], dependencies=[permits.PAYMENTS])
    _merchants(routes, payments)
    _reconciliation(routes, payments)
    _refunds(routes, payments)
    _payments(routes, payments)
    return routes


def _merchants(routes: APIRouter, payments: Payments) -> None:
    @routes.get("/merchants")
    async def list_merchants(uow: RequestUow) -> Merchants:
        """The brand's merchants of 微信支付, oldest first, without their secrets."""
        return Merchants(items=await payments.list_merchants(uow))

    @routes.post("/merchants", status_code=201)
    async def connect_merchant(uow: RequestUow, command: ConnectMerchant) -> Merchant:
        """Connect a merchant, or replace the keys of the one with this number."""
        return await payments.connect(uow, command)

    @routes.post("/merchants/{merchant_id}/check")
    async def check_merchant(caller: CurrentCaller, merchant_id: str) -> MerchantChecks:
        """Look at everything that can be wrong; takes as long as the platform takes to answer."""
        found = await payments.check(caller.tenant_id, read_merchant_id(merchant_id))
        return MerchantChecks(checks=found)


def _reconciliation(routes: APIRouter, payments: Payments) -> None:
    @routes.get("/bills")
    async def list_bills(uow: RequestUow, limit: Limit = 100) -> Bills:
        """The last days' bills and what comparing them found, newest first."""
        return Bills(items=await lists.list_bills(uow, limit=limit))

    @routes.post("/bills/{merchant_id}/{kind}/{day}/compare", status_code=202)
    async def compare_bill(uow: RequestUow, merchant_id: str, kind: BillKind, day: date) -> None:
        """Fetch a bill and compare it once more, in the background."""
        if not await payments.compare_again(uow, read_merchant_id(merchant_id), kind, day):
            raise NotFound("there is no bill of that day yet", message_zh="该日账单尚未生成")

    @routes.get("/differences")
    async def list_differences(
        uow: RequestUow,
        wanted: WantedDifferences,
        cursor: str | None = None,
        limit: Limit = 50,
    ) -> DifferencePage:
        """Where bills and our ledger disagree, newest first."""
        return await lists.page_differences(uow, wanted, cursor=cursor, limit=limit)

    @routes.get("/differences.csv")
    @permits.noted
    async def export_differences(uow: RequestUow, wanted: WantedDifferences) -> Response:
        """The same list as a file for spreadsheets, amounts in yuan, at most 10,000 lines."""
        text = await lists.export_differences(uow, wanted, await payments.list_merchants(uow))
        return Response(
            text,
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": 'attachment; filename="differences.csv"'},
        )

    @routes.post("/differences/{difference_id}/resolve")
    async def resolve_difference(
        uow: RequestUow, difference_id: str, command: ResolveDifference
    ) -> Difference:
        """Note what was found out about a difference; it counts as open no more."""
        found = await payments.resolve(uow, read_difference_id(difference_id), command)
        if found is None:
            raise NotFound("no such difference", message_zh="没有这条差异")
        return found


def _refunds(routes: APIRouter, payments: Payments) -> None:
    @routes.get("/refunds")
    async def list_refunds(
        uow: RequestUow,
        wanted: Wanted,
        state: RefundState | None = None,
        cursor: str | None = None,
        limit: Limit = 50,
    ) -> RefundPage:
        """Refunds, newest first; ``number`` is any number of the refund or its payment, in full."""
        chosen = wanted.model_copy(update={"state": state})
        return await lists.page_refunds(uow, chosen, cursor=cursor, limit=limit)

    @routes.post("/refunds/{refund_id}/reroute")
    async def reroute_refund(caller: CurrentCaller, refund_id: str) -> AskedRefund:
        """Send an abnormal refund to the merchant's own bank card."""
        return await payments.reroute_refund(caller.tenant_id, read_refund_id(refund_id))


def _payments(routes: APIRouter, payments: Payments) -> None:
    @routes.get("")
    async def list_payments(
        uow: RequestUow,
        wanted: Wanted,
        state: PaymentState | None = None,
        cursor: str | None = None,
        limit: Limit = 50,
    ) -> PaymentPage:
        """Payments, newest first; ``number`` is any number of the payment or its refunds, in full."""
        chosen = wanted.model_copy(update={"state": state})
        return await lists.page_payments(uow, chosen, cursor=cursor, limit=limit)

    @routes.post("", status_code=201)
    async def create_payment(uow: RequestUow, command: CreatePayment, response: Response) -> Payment:
        """Ask for an amount. The same key and content again answers 200 with the same payment."""
        payment, is_new = await payments.create(uow, command)
        response.status_code = 201 if is_new else 200
        return payment

    @routes.get("/{payment_id}")
    async def get_payment(uow: RequestUow, payment_id: str) -> PaymentDetail:
        """One payment with its attempts, notifications and refunds."""
        return await lists.get(uow, read_payment_id(payment_id))

    @routes.post("/{payment_id}/attempts", status_code=201)
    async def start_attempt(caller: CurrentCaller, payment_id: str, command: StartAttempt) -> Invocation:
        """Let a person pay now; asks the platform. Asking again with the same content is safe."""
        return await payments.start(caller.tenant_id, read_payment_id(payment_id), command)

    @routes.post("/{payment_id}/close", status_code=202)
    async def close_payment(uow: RequestUow, payment_id: str) -> Payment:
        """Want a payment no more; it is closed once the platform agrees."""
        return await payments.close(uow, read_payment_id(payment_id))

    @routes.post("/{payment_id}/refunds", status_code=202)
    async def ask_refund(uow: RequestUow, payment_id: str, command: AskRefund) -> AskedRefund:
        """Give back a part or all, in the background. The same key and content again is the same refund."""
        return await payments.refund(uow, read_payment_id(payment_id), command)
