using L2tpd.Access;
using L2tpd.Ppp;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>Requests from outside: Disconnect and CoA of RFC 5176, and <c>l2tpctl session change</c>.</content>
internal sealed partial class BuiltInSession
{
    private TerminateCause _requestedCause;

    /// <inheritdoc/>
    public bool Matches(IAccessBackend? backend, SessionIdentification selector) =>
        (backend is null || ReferenceEquals(backend, _profile.Access)) && _end is null && _accounting.Matches(selector)
        && (selector.Address.IsNone
            || _endpoint.Networks.Any(network => network is Ipv4Network { Peer: var peer } && peer == selector.Address));

    /// <inheritdoc/>
    public void Disconnect(AccessAnswer.Disconnect request)
    {
        _requestedCause = request.Cause;
        if (!request.Class.IsEmpty)
            _accounting.ChangeClass(request.Class);
        Close(PppCloseCause.Administrative, $"disconnected by {request.From}");
    }
}
