using System.Collections.Immutable;
using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Ppp;
using L2tpd.PppHosting.Filters;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>Filters of the user (Filter-Id): the sets that the session is an element of.</content>
internal sealed partial class BuiltInSession
{
    private FilterMember[] _filters = [];
    private FilterSubject? _filtered;
    private ImmutableArray<string>? _changedFilters;

    /// <summary>Filters that the session has, by name.</summary>
    public IEnumerable<string> FilterNames => _filters.Select(static filter => filter.Set);

    /// <summary>Replaces the filters of a session that is up.</summary>
    public void ChangeFilters(ImmutableArray<string> names)
    {
        _changedFilters = names;
        RemoveFilters();
        SetFilters();
    }

    /// <summary>The session's interface or addresses are known, or changed.</summary>
    private void SetFilters()
    {
        if (_backend.Filters is not { } filters || _isClosing || _link.Interface is not { } name)
            return;
        var named = _changedFilters ?? _endpoint.Authorisation?.Filters ?? [];
        if (named.IsEmpty)
            return;
        if (!filters.IsOn)
        {
            _backend.TellNoFilters(named[0]);
            return;
        }

        var subject = new FilterSubject(
            _profile.Source.Shape == PppInterfaceShape.Own ? name : null, _ipv4?.Peer, _endpoint.Authorisation?.Ipv6Prefixes ?? []);
        if (subject.Equals(_filtered))
            return;
        RemoveFilters();
        _filtered = subject;
        var members = new List<FilterMember>();
        foreach (var filter in named.Where(static filter => !FilterSettings.IsRate(filter)).Distinct())
        {
            if (!FilterSettings.IsName(filter))
            {
                OnFilterProblem(null, filter, "it is no name of an nftables set");
                continue;
            }

            var member = new FilterMember(filter, subject);
            members.Add(member);
            filters.Add(member, problem => OnFilterProblem(member, filter, problem));
        }

        _filters = [.. members];
        if (_isClosing)
            RemoveFilters();
    }

    private void RemoveFilters()
    {
        foreach (var member in _filters)
            _backend.Filters?.Remove(member);
        _filters = [];
        _filtered = null;
    }

    /// <param name="failed">The member that could not be added, unless it was replaced meanwhile; <c>null</c>: there was none.</param>
    /// <param name="filter">Its filter.</param>
    /// <param name="problem">Why not.</param>
    private void OnFilterProblem(FilterMember? failed, string filter, string problem)
    {
        if (_isClosing || (failed is not null && !_filters.Contains(failed)))
            return;
        _filters = [.. _filters.Where(member => member != failed)];
        var isRequired = _backend.Filters is { IsRequired: true };
        if (_backend.Lines.TryTake(SubscriberLine.Filter, User, out var unsaid))
        {
            var then = isRequired ? "the session ends" : "the session stays up without it";
            LogNoFilter(Label, Printable.Of(filter), User, problem, then, unsaid);
        }

        if (isRequired)
            Close(PppCloseCause.Failure, $"the filter {Printable.Of(filter)} cannot be set: {problem}");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Session}: cannot set the filter {Filter} of {User}: {Problem}; {Then}{Unsaid}")]
    private partial void LogNoFilter(string session, string filter, string user, string problem, string then, string unsaid);
}
