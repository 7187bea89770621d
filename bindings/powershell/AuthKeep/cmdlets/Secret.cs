using System;
using System.Runtime.InteropServices;
using System.Security;

namespace AuthKeep.PowerShell
{
    /// <summary>Takes secrets out of a SecureString and puts them in.</summary>
    internal static class Secret
    {
        /// <summary>The text of a secret, for the native library, which wipes its own copy.</summary>
        internal static string Reveal(SecureString secret)
        {
            IntPtr address = Marshal.SecureStringToGlobalAllocUnicode(secret);
            try
            {
                return Marshal.PtrToStringUni(address, secret.Length);
            }
            finally
            {
                Marshal.ZeroFreeGlobalAllocUnicode(address);
            }
        }

        /// <summary>A read-only secret of a text.</summary>
        internal static SecureString Hide(string text)
        {
            SecureString secret = new SecureString();
            foreach (char character in text)
            {
                secret.AppendChar(character);
            }
            secret.MakeReadOnly();
            return secret;
        }
    }
}
