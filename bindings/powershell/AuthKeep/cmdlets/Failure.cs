using System;
using System.Management.Automation;

namespace AuthKeep.PowerShell
{
    /// <summary>Error records: an id to tell failures apart, and a category that says what to do.</summary>
    internal static class Failure
    {
        /// <summary>The record of a failure of the library, such as "AuthKeep.InvalidCredentials".</summary>
        internal static ErrorRecord Record(AuthKeepException exception, object target)
        {
            string id = "AuthKeep." + exception.Status;
            return new ErrorRecord(exception, id, Category(exception.Status), target);
        }

        /// <summary>
        /// The record of an answer that is no success: the body in the details, where scripts for
        /// Invoke-RestMethod look for it.
        /// </summary>
        internal static ErrorRecord Record(HttpStatusException exception, string body, object target)
        {
            ErrorRecord record = new ErrorRecord(
                exception, "AuthKeep.HttpStatus", HttpCategory(exception.Response.Status), target);
            if (body.Length > 0)
            {
                record.ErrorDetails = new ErrorDetails(body);
            }
            return record;
        }

        /// <summary>The record of a client that Remove-AuthKeepClient has closed.</summary>
        internal static ErrorRecord Closed(ObjectDisposedException exception, object target)
        {
            return new ErrorRecord(exception, "AuthKeep.Closed", ErrorCategory.InvalidOperation, target);
        }

        /// <summary>The record of a value that can't be sent.</summary>
        internal static ErrorRecord InvalidArgument(ArgumentException exception, object target)
        {
            return new ErrorRecord(exception, "AuthKeep.InvalidArgument", ErrorCategory.InvalidArgument, target);
        }

        /// <summary>The record of a body that calls itself JSON and is none.</summary>
        internal static ErrorRecord InvalidJson(Exception exception, object target)
        {
            return new ErrorRecord(exception, "AuthKeep.InvalidJson", ErrorCategory.ParserError, target);
        }

        private static ErrorCategory Category(AuthKeepStatus status)
        {
            switch (status)
            {
                case AuthKeepStatus.InvalidArgument: return ErrorCategory.InvalidArgument;
                case AuthKeepStatus.InvalidConfig: return ErrorCategory.InvalidData;
                case AuthKeepStatus.NotAllowed: return ErrorCategory.PermissionDenied;
                case AuthKeepStatus.InvalidCredentials: return ErrorCategory.AuthenticationError;
                case AuthKeepStatus.ReauthRequired: return ErrorCategory.AuthenticationError;
                case AuthKeepStatus.Unavailable: return ErrorCategory.ResourceUnavailable;
                case AuthKeepStatus.Deadline: return ErrorCategory.OperationTimeout;
                case AuthKeepStatus.Cancelled: return ErrorCategory.OperationStopped;
                case AuthKeepStatus.BadResponse: return ErrorCategory.ProtocolError;
                case AuthKeepStatus.Tls: return ErrorCategory.SecurityError;
                case AuthKeepStatus.TooLarge: return ErrorCategory.LimitsExceeded;
                case AuthKeepStatus.Store: return ErrorCategory.WriteError;
                case AuthKeepStatus.Closed: return ErrorCategory.InvalidOperation;
                default: return ErrorCategory.NotSpecified;
            }
        }

        private static ErrorCategory HttpCategory(int status)
        {
            switch (status)
            {
                case 400: case 422: return ErrorCategory.InvalidArgument;
                case 401: return ErrorCategory.AuthenticationError;
                case 403: return ErrorCategory.PermissionDenied;
                case 404: case 410: return ErrorCategory.ObjectNotFound;
                case 405: case 501: return ErrorCategory.NotImplemented;
                case 408: case 504: return ErrorCategory.OperationTimeout;
                case 409: case 412: return ErrorCategory.ResourceExists;
                case 413: return ErrorCategory.LimitsExceeded;
                case 423: case 429: return ErrorCategory.ResourceBusy;
                case 502: case 503: return ErrorCategory.ResourceUnavailable;
                default: return ErrorCategory.InvalidOperation;
            }
        }
    }
}
