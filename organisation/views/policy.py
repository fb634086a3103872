"""The security policy."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core.permissions import needs
from organisation.forms.policy import PolicyForm
from organisation.requests import StaffRequest, ask_proof
from organisation.rules import keeps_policy
from organisation.services.policy import change_policy, changes_to


@require_http_methods(["GET", "HEAD", "POST"])
@needs(keeps_policy, "安全策略由安全管理员设置。")
def policy(request: StaffRequest) -> HttpResponse:
    """The rules of signing in; ``?preset`` fills the form with 等保's and shows what changes."""
    preset = "preset" in request.GET
    posted = request.POST if request.method == "POST" else None
    form = PolicyForm(posted, policy=request.policy, preset=preset)
    if not form.is_valid():
        values = {
            name: form.get_initial_for_field(field, name) for name, field in form.fields.items()
        }
        context = {
            "form": form,
            "preset": preset,
            "changes": changes_to(request.policy, values) if preset else [],
        }
        status = 422 if form.is_bound else 200
        return render(request, "organisation/policy.html", context, status=status)
    if asked := ask_proof(request):
        return asked
    changes = change_policy(values=form.cleaned_data, actor=request.user)
    said = "；".join(map(str, changes))
    messages.success(request, f"已保存并生效：{said}。" if changes else "没有改动。")
    return redirect("organisation:policy")
