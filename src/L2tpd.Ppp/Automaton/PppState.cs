namespace L2tpd.Ppp;

/// <summary>States of the option negotiation automaton, numbered as in RFC 1661 section 4.1.</summary>
public enum PppState : byte
{
    Initial = 0,
    Starting = 1,
    Closed = 2,
    Stopped = 3,
    Closing = 4,
    Stopping = 5,
    ReqSent = 6,
    AckRcvd = 7,
    AckSent = 8,
    Opened = 9,
}
